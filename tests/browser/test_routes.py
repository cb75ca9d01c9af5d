"""Our own HTTP routes: clips in ranges under signed addresses, references for the gateway, nothing for anyone else."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page

from dailies.signing import Signer
from dailies.store import Store
from tests.browser.conftest import App, at_rest

pytestmark = pytest.mark.browser


def test_a_clip_is_served_in_ranges_under_its_signed_address(app: App) -> None:
    signer, store = Signer(app.home), Store(app.home)
    (store.files.clips / "sample.mp4").write_bytes(bytes(range(256)))
    address = f"{app.url}/clips/{signer.clip('sample.mp4')}"
    answer = httpx.get(address, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, bytes(range(10, 20)))
    saved = httpx.get(f"{address}?download=boat.mp4")
    assert 'attachment; filename="boat.mp4"' in saved.headers["content-disposition"]
    store.close()


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("a.mp4", "video/mp4"),
        ("a.mov", "video/quicktime"),
        ("a.webm", "video/webm"),
        ("a.mkv", "video/x-matroska"),
        ("a.ts", "video/mp2t"),
        ("a.avi", "video/x-msvideo"),
        ("a.preview.mp4", "video/mp4"),
        ("a.jpg", "image/jpeg"),
    ],
)
def test_a_clip_is_served_under_its_own_type(app: App, file: str, media_type: str) -> None:
    signer, store = Signer(app.home), Store(app.home)
    (store.files.clips / file).write_bytes(bytes(100))
    answer = httpx.get(f"{app.url}/clips/{signer.clip(file)}?download=boat{Path(file).suffix}")
    assert answer.headers["content-type"] == media_type
    assert f'filename="boat{Path(file).suffix}"' in answer.headers["content-disposition"]
    store.close()


@pytest.mark.parametrize(
    ("token", "status"), [("sample.mp4", 404), ("InNhbXBsZS5tcDQi.AAAA", 404), ("..%2Fsecret", 400)]
)
def test_an_address_that_is_not_signed_gives_nothing(app: App, token: str, status: int) -> None:
    assert httpx.get(f"{app.url}/clips/{token}").status_code == status
    assert httpx.get(f"{app.url}/references/{token}").status_code == status


def test_a_clip_s_signature_opens_no_reference(app: App) -> None:
    token = Signer(app.home).clip("0" * 64)
    assert httpx.get(f"{app.url}/references/{token}").status_code == 404


def test_a_reference_is_served_to_the_gateway_with_its_type(app: App, pictures: list[Path]) -> None:
    store = Store(app.home)
    digest = store.files.keep(pictures[0].read_bytes())
    answer = httpx.get(f"{app.url}/references/{Signer(app.home).reference(digest)}")
    assert answer.content == pictures[0].read_bytes()
    assert answer.headers["content-type"] == "image/png"
    store.close()


def test_a_page_finds_its_server_without_looking_below_its_own_address(app: App, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(f"{app.url}/library")
    at_rest(page)
    core = [address.partition(urlsplit(app.url).netloc)[2] for address in asked if "_stcore" in address]
    assert "/_stcore/stream" in core
    assert all(address.startswith("/_stcore/") for address in core)
