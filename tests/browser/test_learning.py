"""A gateway that delivers less than was asked: noticed on the card, found, exported, seen at Home, and accepted."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from dailies.catalog.load import FOLDER, load
from dailies.store import Store
from dailies.vocabulary import Mode
from tests.browser.conftest import at_rest, free_port, start_app
from tests.browser.test_generate import generate

pytestmark = pytest.mark.browser
CELL = next(
    cell
    for cell in load().cells()
    if (cell.mode, cell.entry.id) == (Mode.TEXT, "openai")
    and (found := cell.parameter("seconds"))
    and len(found.choices) > 1
    and not found.free
    and found.default == found.choices[0]
)
VALUE = CELL.parameter("seconds").default


def test_what_is_clamped_is_seen_and_accepted(page: Page, tmp_path: Path) -> None:
    app = start_app(tmp_path / "home", free_port(), DAILIES_CATALOG=str(tmp_path / "own"))
    store = Store(app.home)
    try:
        page.goto(f"{app.url}/{CELL.family}?model={CELL.model.id}&mode=text")
        generate(page, "A kite over the sea #clamp")
        expect(page.get_by_text(f"Asked {VALUE} s, got").first).to_be_visible()  # the card
        (run,) = store.runs.list()
        for _ in range(2):  # two more that ended like it
            store.runs.add(replace(run, id=uuid4().hex, press=""))

        page.goto(f"{app.url}/library?delivered=length")
        expect(page.locator(".tile .differs")).to_contain_text(["length"] * 3)
        at_rest(page)
        page.locator(".open").first.focus()
        page.keyboard.press("Control+a")
        page.get_by_role("button", name="Download …").click()
        with page.expect_download() as saved:
            page.get_by_role("link", name="Download ZIP").click()
        with zipfile.ZipFile(saved.value.path()) as archive:
            records = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
        assert len(records) == 3
        assert all(record["differs"][0].startswith(f"Asked {VALUE} s, got") for record in records)

        page.goto(app.url)
        expect(page.get_by_text("✓ 3")).to_be_visible()
        expect(page.get_by_text("disputed").first).to_be_visible()

        page.goto(f"{app.url}/seen")
        at_rest(page)
        page.get_by_text(f"{CELL.model.id} · ").click()
        page.get_by_role("button", name=f"Offer Duration {VALUE} no more").click()
        expect(page.get_by_role("button", name=f"Offer Duration {VALUE} no more")).to_have_count(0)
        with page.expect_download() as saved:
            page.get_by_role("button", name="Patch for the catalog").click()
        shutil.copytree(FOLDER, tmp_path / "catalog")
        subprocess.run(["git", "apply", "--check", saved.value.path()], cwd=tmp_path, check=True, capture_output=True)

        page.goto(f"{app.url}/{CELL.family}?model={CELL.model.id}&mode=text")
        field = page.get_by_test_id("stButtonGroup").filter(has_text="Duration")
        expect(field.get_by_role("radio")).to_have_text([str(each) for each in CELL.parameter("seconds").choices[1:]])
    finally:
        store.close()
        app.kill()
