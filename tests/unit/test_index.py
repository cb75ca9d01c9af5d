"""The page that Streamlit's browser code starts from: told where its server is, and what it will draw with."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient
from streamlit import config

from components.server import index
from components.server.door import content_policy
from components.server.index import ELEMENTS, FORM, MORE, Nowhere, list_page_routes, read_index
from dailies.tree import TREE


@pytest.fixture(autouse=True)
def _read_anew():
    read_index.cache_clear()
    yield
    read_index.cache_clear()


def script_of(page: str) -> str:
    return next(script for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL) if "__streamlit" in script)


def test_the_script_stands_before_the_code_that_reads_it():
    page = read_index()
    assert page.index("window.__streamlit") < page.index('<script type="module"')


def test_the_socket_is_opened_at_once():
    # Streamlit takes a configuration without an origin for none, and asks the server before it opens its socket.
    assert '"allowedOrigins": ["https://nobody.invalid"]' in script_of(read_index())


def test_the_policy_lets_the_script_run():
    digest = base64.b64encode(hashlib.sha256(script_of(read_index()).encode()).digest()).decode()
    assert f"'sha256-{digest}'" in content_policy("localhost:8501")


@pytest.mark.parametrize(
    ("page", "name"),
    [
        *(("", name) for name in ELEMENTS),
        *(("other", name) for name in FORM),
        *((page, name) for page, more in MORE.items() for name in more),
    ],
)
def test_the_code_of_an_element_is_loaded_with_the_page(page, name):
    assert not page or (TREE / "pages" / f"{page}.py").exists()
    links = re.findall(r'<link rel="modulepreload" crossorigin href="\./static/js/([^"]+)">', read_index(page))
    assert sum(link.startswith(f"{name}.") for link in links) == 1, f"Streamlit has no such file any more: {name}"
    assert len(links) == len(set(links))


def test_a_socket_waits_for_the_cookie_where_people_sign_in(monkeypatch):
    assert "document.cookie" not in script_of(read_index())
    read_index.cache_clear()
    monkeypatch.setattr(index, "read_auth", lambda: {"redirect_uri": "https://dailies.test/oauth2callback"})
    assert "document.cookie" in script_of(read_index())


def test_the_path_of_the_app_is_in_the_page_and_cannot_end_the_script(monkeypatch):
    monkeypatch.setattr(index, "read_auth", dict)
    monkeypatch.setattr(config, "get_option", {"client.allowedOrigins": ["</script>"]}.get)
    monkeypatch.setattr(index, "base_path", lambda: "/studio/x")
    script = script_of(read_index())
    assert 'base = "/studio/x"' in script
    assert "\\u003c/script>" in script


def test_every_page_answers_with_it_and_is_asked_for_anew():
    client = TestClient(Starlette(routes=list_page_routes("/studio")))
    for path in ("/studio/", "/studio/compare", "/studio/library"):
        answer = client.get(path)
        assert answer.text == read_index(path.removeprefix("/studio/"))
        assert answer.headers["cache-control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.text) == (304, "")
    assert client.get("/studio/none").status_code == 404


@pytest.mark.parametrize(
    ("base", "path", "is_lost"),
    [
        ("", "/vidu/nosuch", True),
        ("", "/v1/videos", True),
        ("", "/vidu/", False),  # Streamlit leads it to /vidu
        ("", "/nosuch", False),  # Streamlit says that there is no such page
        ("", "/_stcore/health", False),
        ("", "/media/x/y.png", False),
        ("team/a", "/team/a/vidu", False),
        ("team/a", "/team/a/vidu/nosuch", True),
        ("team/a", "/team/a/static/js/x.js", False),
    ],
)
def test_an_address_below_a_page_says_that_nothing_is_there(monkeypatch, base, path, is_lost):
    monkeypatch.setattr("components.address.config.get_option", lambda name: base)
    client = TestClient(Starlette(routes=[Nowhere(), Mount("/", PlainTextResponse("Streamlit's"))]))
    answer = client.get(path)
    assert (answer.status_code, "no page at this address" in answer.text) == ((404, True) if is_lost else (200, False))
    if is_lost:
        assert f'href="{f"/{base}" if base else ""}/"' in answer.text
        assert client.post(path).text == "Streamlit's"
