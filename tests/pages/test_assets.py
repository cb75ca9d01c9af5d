"""The page of the asset library, and the choice of assets that it lends to the slots of a form."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components import session
from dailies.errors import DailiesError
from dailies.gateway import asset_life
from dailies.gateway.assets import Asset, AssetGroup, AssetState
from dailies.people import Browser
from dailies.services import Services, open_services
from dailies.vocabulary import MediaKind
from tests.pages.conftest import Open, plain, press, texts, widget

NOWHERE = "http://127.0.0.1:9"  # nobody listens on the discard port: every call ends before anything is sent
BROWSER = "the browser of the tests"
ELSEWHERE = "https://gateway.invalid"
A = AssetState


@pytest.fixture
def shelf(services: Services) -> Iterator[Services]:
    """The services with empty libraries at both gateways, and keys for them."""
    for url in (NOWHERE, ELSEWHERE):
        services.keyring.put(services.settings.signer.handle(BROWSER, url), url, "sk-for-the-tests-of-assets")
    yield services
    store = services.store.assets
    for url in (NOWHERE, ELSEWHERE):
        for item in (*store.list(url, ""), *store.groups(url, "")):
            settled(lambda item=item: forgotten(services, item))


def forgotten(services: Services, item: Asset | AssetGroup) -> bool:
    store = services.store.assets
    now = store.get(item.id) if isinstance(item, Asset) else store.group(item.id)
    try:
        if now is not None:
            services.assets.forget(now)
    except DailiesError:
        return False
    return True


def settled(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := condition():
            return found
    raise AssertionError("it did not come to pass")


def at(open_page: Open, url: str = NOWHERE) -> AppTest:
    """The page with a gateway of the test in use."""
    app = open_page("assets")
    app.session_state["session/no cookie"] = BROWSER
    open_services().store.browsers.save(Browser(BROWSER, url, keyed=True), datetime.now(UTC))
    return app.run()


def group(services: Services, url: str = NOWHERE, **changes: Any) -> AssetGroup:
    made = asset_life.create_group(url, "Cast", "", datetime.now(UTC))
    return services.store.assets.add(replace(made, **{"state": A.ACTIVE, "group_id": "group-1", "due": None} | changes))


def asset(services: Services, url: str = NOWHERE, kind: MediaKind = MediaKind.IMAGE, **changes: Any) -> Asset:
    made = asset_life.create_asset(url, "group-1", kind, "https://media.example/a.png", "Dancer", datetime.now(UTC))
    return services.store.assets.add(replace(made, **{"due": None} | changes))


def fill(app: AppTest, label: str, text: str) -> None:
    next(field for field in (*app.text_input, *app.text_area) if field.label == label).set_value(text)


def test_the_empty_page_says_what_to_do_first(shelf: Services, open_page: Open) -> None:
    app = at(open_page)
    assert not app.exception
    assert app.title[0].value == "Assets"
    assert "Make a group, import a file into it" in texts(app)
    assert "Taken by" in texts(app)
    assert next(box for box in app.selectbox if box.label == "Group").disabled


def test_every_state_has_its_word_and_its_next_step(shelf: Services, open_page: Open) -> None:
    group(shelf)
    asset(shelf, state=A.ACTIVE, asset_id="asset-20260101-dancer")
    asset(shelf, state=A.FAILED, error="30 MB at most", fix="Import another file.")
    asset(shelf, state=A.UNSURE, error="The outcome is unknown.", fix="Look into the gateway's own list.")
    asset(shelf, state=A.PROCESSING, error="Not decided within 30 minutes.", fix="Press Ask again.")
    app = at(open_page)
    assert not app.exception
    said = texts(app)
    for word in (
        "Active",
        "Failed",
        "Outcome unknown",
        "Not watched",
        "Picture in Cast",
        "4 assets",
        "Import another file.",
    ):
        assert word in said
    assert [code.value for code in app.code] == ["asset://asset-20260101-dancer"]
    labels = [button.label for button in app.button]
    assert (labels.count("Ask again"), labels.count("Take off the list")) == (1, 2)
    app = press(app, "Take off the list")
    assert "3 assets" in texts(app)


def test_a_failed_import_goes_back_into_the_form(shelf: Services, open_page: Open) -> None:
    group(shelf)
    failed = asset(
        shelf, kind=MediaKind.VIDEO, state=A.FAILED, error="The URL cannot be fetched.", fix="Check the link."
    )
    app = press(at(open_page), "Use again")
    assert not app.exception
    given = {field.label: field.value for field in app.text_input}
    assert (given["Link"], given["Name"]) == (failed.url, failed.name)
    assert "The models take MP4" in texts(app)
    assert shelf.store.assets.count(NOWHERE, "") == 1


def test_an_import_is_checked_before_anything_is_kept(shelf: Services, open_page: Open) -> None:
    app = press(at(open_page, ELSEWHERE), "Import")
    for words in ("**Group** is not chosen", "**Link** is empty", "**Name** is empty"):
        assert words in plain(app.error[0].value)
    group(shelf, ELSEWHERE)
    app = at(open_page, ELSEWHERE)
    fill(app, "Link", "http://media.example/a.png")
    fill(app, "Name", "Dancer")
    app = press(app, "Import")
    assert "takes public https:// links only" in plain(app.error[0].value)
    assert shelf.store.assets.count(ELSEWHERE, "") == 0


def test_an_import_is_kept_at_once_and_its_trouble_is_told(shelf: Services, open_page: Open) -> None:
    group(shelf)
    app = at(open_page)
    fill(app, "Link", "http://127.0.0.1:9/dancer.png")
    fill(app, "Name", "The *dancer*")
    app = press(app, "Import")
    assert not app.exception
    kept = shelf.store.assets.list(NOWHERE, "")[0]
    assert (kept.name, kept.kind, kept.group_id) == ("The *dancer*", MediaKind.IMAGE, "group-1")
    settled(lambda: shelf.store.assets.get(kept.id).state is A.FAILED)  # type: ignore[union-attr]
    said = texts(app.run())
    assert "No connection to" in said
    assert "Check the base URL in Settings" in said
    assert "**The *dancer***" in said
    assert next(field for field in app.text_input if field.label == "Link").value == ""


def test_a_group_is_checked_kept_and_sent(shelf: Services, open_page: Open) -> None:
    app = at(open_page)
    fill(app, "Name of the group", "n" * 65)
    app = press(app, "Make the group")
    assert "has 65 characters of at most 64" in plain(app.error[0].value)
    fill(app, "Name of the group", "Cast")
    app = press(app, "Make the group")
    kept = shelf.store.assets.groups(NOWHERE, "")[0]
    settled(lambda: shelf.store.assets.group(kept.id).state is A.FAILED)  # type: ignore[union-attr]
    app = app.run()
    assert "No connection to" in texts(app)
    app = press(app, "Take off the list")
    assert shelf.store.assets.groups(NOWHERE, "") == []


def choice() -> None:
    """A slot of videos that takes assets, and what it holds."""
    import streamlit as st

    from components.form.held import get_references
    from components.form.references import draw_slots
    from dailies.catalog.load import load
    from dailies.vocabulary import MediaKind, Mode, SendAs

    cells = (cell for cell in load().cells() if cell.mode is Mode.REFERENCES)
    slots = (slot for cell in cells for slot in cell.slots if slot.kind is MediaKind.VIDEO)
    slot = next(slot for slot in slots if SendAs.ASSET in {form.send_as for form in slot.forms})
    draw_slots("form", [slot])
    st.text([reference.asset for reference in get_references("form").get(slot.id, ())])


def test_a_slot_is_offered_the_active_assets_of_its_kind(shelf: Services) -> None:
    app = AppTest.from_function(choice)
    app.session_state["session/no cookie"] = BROWSER
    app.session_state["session/browser"] = Browser(BROWSER, NOWHERE, keyed=True)
    asset(shelf, state=A.ACTIVE, asset_id="asset-picture")
    asset(shelf, kind=MediaKind.VIDEO, state=A.PROCESSING, asset_id="asset-later")
    assert app.run().selectbox.len == 0
    asset(shelf, kind=MediaKind.VIDEO, state=A.ACTIVE, asset_id="asset-walk", name="Walk")
    asset(shelf, ELSEWHERE, MediaKind.VIDEO, state=A.ACTIVE, asset_id="asset-of-another")
    box = app.run().selectbox[0]
    assert (box.options, box.value) == (["Walk"], None)
    app = box.set_value("asset-walk").run()
    assert app.text[0].value == "['asset-walk']"
    assert app.selectbox[0].value is None
    assert app.run().text[0].value == "['asset-walk']"


def test_generate_sends_the_asset_that_was_picked(
    shelf: Services, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.store.browsers.save(Browser(BROWSER, NOWHERE, keyed=True), datetime.now(UTC))
    asset(shelf, state=A.ACTIVE, asset_id="asset-dancer", name="The dancer")
    monkeypatch.setattr(session, "browser_id", lambda: BROWSER)
    app = open_page("seedance-2", mode="references")
    next(box for box in app.selectbox if box.label == "Pick an asset").set_value("asset-dancer").run()
    widget(app, "text_area", "Prompt").set_value("The dancer turns")
    press(app, "Generate")
    (run,) = shelf.store.runs.list(search="dancer turns")
    assert [each.asset for held in run.request.references.values() for each in held] == ["asset-dancer"]
    assert "asset://asset-dancer" in str(run.call)
    shelf.store.runs.delete(run.id)


def test_only_what_is_not_settled_is_watched(shelf: Services, open_page: Open) -> None:
    asset(shelf, state=A.ACTIVE, asset_id="asset-settled")
    app = at(open_page)
    watching = [part.proto for part in app.get("bidi_component") if part.proto.component_name == "dailies_live"]
    # The gateway's own state may still be on its way.
    assert [part.id for part in watching if not part.id.endswith("-gateway/live")] == []
