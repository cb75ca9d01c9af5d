"""Streamlit's own files: sent as Streamlit would send them, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from components.server import files
from components.server.files import Files

STATIC = Path(st.__file__).parent / "static" / "static"
SMALL = min((path for path in STATIC.rglob("*.js")), key=lambda path: path.stat().st_size)


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(middleware=[Middleware(Files)]))


def test_a_file_is_kept_by_the_browser(client):
    answer = client.get(f"/static/js/{SMALL.name}")
    assert answer.content == SMALL.read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


def test_fonts_and_styles_have_their_kind(client):
    names = {path.suffix: path for path in STATIC.rglob("*") if path.suffix in (".css", ".woff2")}
    kinds = {
        suffix: client.get(f"/static/{path.relative_to(STATIC).as_posix()}").headers["content-type"]
        for suffix, path in names.items()
    }
    assert kinds == {".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}


@pytest.mark.parametrize(
    "path", ["/static/../index.html", "/static//etc/passwd", "/static/js", "/static/", "/static/js/none.js", "/"]
)
def test_nothing_else_is_sent(client, path):
    assert client.get(path).status_code == 404


def test_a_part_and_a_change_of_a_file_are_left_to_streamlit(client):
    address = f"/static/js/{SMALL.name}"
    assert client.get(address, headers={"Range": "bytes=0-1"}).status_code == 404
    assert client.post(address).status_code == 404


def test_a_large_file_is_left_to_streamlit(client, monkeypatch):
    monkeypatch.setattr(files, "MOST", SMALL.stat().st_size - 1)
    files._list_files.cache_clear()
    assert client.get(f"/static/js/{SMALL.name}").status_code == 404
    files._list_files.cache_clear()


def test_the_files_stand_below_the_path_of_the_app(client, monkeypatch):
    monkeypatch.setattr(files, "base_path", lambda: "/studio")
    assert client.get(f"/studio/static/js/{SMALL.name}").status_code == 200
    assert client.get(f"/static/js/{SMALL.name}").status_code == 404
