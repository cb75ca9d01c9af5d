"""An exported comparison opens from disk, without a network: as one page, and as an archive."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from components.html.exported import Source, build_archive, build_page
from tests.browser.exported.conftest import PROMPT, plays_together
from tests.browser.test_looks import SCHEMES

pytestmark = pytest.mark.browser


def test_the_page_opens_from_disk_and_plays_together(alone: Page, source: Source, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(build_page(source), encoding="utf-8")
    alone.goto(file.as_uri())
    expect(alone).to_have_title("Boats")
    plays_together(alone, 3)
    expect(alone.get_by_text(PROMPT)).to_be_visible()
    expect(alone.get_by_role("table", name="What differs")).to_be_visible()
    expect(alone.get_by_role("rowheader", name="Clip duration")).to_be_visible()
    expect(alone.get_by_text("4 of 5")).to_be_visible()
    for scheme in SCHEMES:
        alone.emulate_media(color_scheme=scheme)
        found = Axe().run(alone, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == [], scheme


def test_the_archive_opens_from_disk_and_plays_together(alone: Page, source: Source, tmp_path: Path) -> None:
    (tmp_path / "page.zip").write_bytes(build_archive(source))
    with zipfile.ZipFile(tmp_path / "page.zip") as held:
        held.extractall(tmp_path / "page")
    alone.goto((tmp_path / "page" / "index.html").as_uri())
    plays_together(alone, 3)
