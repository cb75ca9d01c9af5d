"""Uploads in every mode of every entry point: taken, or with another way beside the slot."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from components import hosting, session
from components.form.adding import takes_uploads
from dailies.catalog.load import load
from dailies.domain import Cell, Reference
from dailies.gateways import SANDBOX, Gateway
from dailies.people import Browser
from dailies.services import Services
from dailies.settings import Settings
from dailies.vocabulary import MediaKind, Mode
from tests.pages.conftest import TIMEOUT, Open, png, press, texts
from tests.thorough import first_of_each
from tests.unit.golden import open_cells

BROWSER, GATEWAY, PUBLIC = "b" * 32, "https://gateway.example", "https://dailies.example"
WITH_MEDIA = [cell for cell in open_cells() if cell.slots]
COMBINATIONS = list({(cell.family, cell.entry.id, cell.mode): cell for cell in WITH_MEDIA}.values())


def name(cell: Cell) -> str:
    return f"{cell.family}-{cell.entry.id}-{cell.mode}"


def use(monkeypatch: pytest.MonkeyPatch, services: Services, gateway: str, public_url: str = "") -> None:
    """Have this session use a gateway of an app with or without a public address."""
    settings = Settings(services.settings.home, public_url=public_url, sandbox_url="http://127.0.0.1:9")
    monkeypatch.setattr(session, "services", lambda: SimpleNamespace(settings=settings))
    monkeypatch.setattr(session, "gateway", lambda: Gateway(gateway, gateway))


@pytest.mark.parametrize(("gateway", "public_url"), [(SANDBOX, ""), (SANDBOX, PUBLIC), (GATEWAY, PUBLIC)])
def test_every_slot_takes_uploads(
    monkeypatch: pytest.MonkeyPatch, services: Services, gateway: str, public_url: str
) -> None:
    use(monkeypatch, services, gateway, public_url)
    assert [name(cell) for cell in WITH_MEDIA for slot in cell.slots if not takes_uploads(slot)] == []


@pytest.mark.parametrize(("gateway", "public_url"), [(SANDBOX, ""), (GATEWAY, PUBLIC), (GATEWAY, "")])
@pytest.mark.parametrize("family", sorted({cell.family for cell in WITH_MEDIA}))
def test_an_upload_can_be_sent_wherever_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, services: Services, family: str, gateway: str, public_url: str
) -> None:
    use(monkeypatch, services, gateway, public_url)
    for cell in (cell for cell in WITH_MEDIA if cell.family == family):
        for slot in cell.slots:
            (upload,) = hosting.host((Reference("a", slot.kind, digest="d" * 64, media_type="image/png"),), slot)
            assert (slot.form_for(upload) is not None) is takes_uploads(slot)
            by_link = "http://127.0.0.1:8501" if gateway == SANDBOX and not slot.takes_files else public_url
            assert upload.hosted.startswith(by_link)
            assert bool(upload.hosted) is bool(by_link and not (gateway == SANDBOX and slot.takes_files))


def test_an_address_made_for_the_sandbox_goes_to_no_other_gateway(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    slot = next(slot for cell in WITH_MEDIA for slot in cell.slots if not slot.takes_files)
    upload = Reference("a.png", MediaKind.IMAGE, digest="d" * 64)
    use(monkeypatch, services, SANDBOX)
    (near,) = hosting.host((upload,), slot)
    assert near.hosted
    assert hosting.host((near,), slot, GATEWAY)[0].hosted == ""
    use(monkeypatch, services, GATEWAY)
    assert hosting.host((near,), slot)[0].hosted == ""


def drawn(family_id: str, entry: str, model: str, mode: str) -> None:
    """The slots of one cell, as the composer draws them."""
    from components.form import composer
    from components.form.references import draw_slots
    from dailies.catalog.load import load
    from dailies.vocabulary import Mode

    family = load().families[family_id]
    cell = family.cell(model, Mode(mode), entry)
    assert cell is not None
    draw_slots(family.id, cell.slots, lambda: composer._offer_files(family, cell))


def draw(cell: Cell) -> tuple[int, bool, list[str]]:
    """The number of upload widgets, whether the sentence on uploads is there, and the buttons, at a real gateway."""
    app = AppTest.from_function(drawn, args=(cell.family, cell.entry.id, cell.model.id, cell.mode.value))
    app.session_state["session/no cookie"] = BROWSER
    app.session_state["session/browser"] = Browser(BROWSER, GATEWAY, keyed=True)
    app.run(timeout=TIMEOUT)
    assert not app.exception
    uploads = sum(element.type == "file_uploader" for element in app.get("file_uploader"))
    return uploads, "DAILIES_PUBLIC_URL" in texts(app), [button.label for button in app.button]


def slots_of(cell: Cell) -> tuple[int, int, bool]:
    """What decides how the slots are drawn: how many there are, how many take files, and whether another entry does."""
    files = sum(slot.takes_files for slot in cell.slots)
    return len(cell.slots), files, load().families[cell.family].entry_for_files(cell) is not None


@pytest.mark.parametrize("cell", first_of_each(COMBINATIONS, slots_of, lambda cell: cell.family), ids=name)
def test_every_combination_has_a_way_to_use_a_file(services: Services, cell: Cell) -> None:
    uploads, sentence, buttons = draw(cell)
    assert uploads == sum(slot.takes_files for slot in cell.slots)
    links_only = uploads < len(cell.slots)
    assert sentence is links_only
    entry = load().families[cell.family].entry_for_files(cell) if links_only else None
    assert buttons == ([f"Use the {entry.title}, which takes files"] if entry else [])
    if entry is not None:
        other = load().families[cell.family].cell(cell.model.id, cell.mode, entry.id)
        assert other is not None
        taken = {slot.id for slot in other.slots if slot.takes_files}
        assert {slot.id for slot in cell.slots} <= taken


def test_the_button_changes_the_entry_point_and_keeps_what_was_given(open_page: Open, services: Services) -> None:
    app = open_page("jimeng", mode="first_frame")
    app.session_state["session/browser"] = Browser(BROWSER, GATEWAY, keyed=True)
    app.session_state["session/no cookie"] = BROWSER
    services.store.browsers.save(Browser(BROWSER, GATEWAY, keyed=True), services.now())
    app.file_uploader[0].set_value(("a.png", png(), "image/png")).run()
    app.session_state["jimeng/entry"] = "unified"
    app.run()
    assert not app.file_uploader
    assert "The gateway takes a link here" in texts(app)
    press(app, next(button.label for button in app.button if re.match("Use the .*, which takes files", button.label)))
    assert not app.exception
    assert app.session_state["jimeng/cell"][2] is Mode.FIRST_FRAME
    assert app.session_state["jimeng/cell"][0] != "unified"
    assert [held.name for held in app.session_state["jimeng/references"]["first_frame"]] == ["a.png"]
    assert len(app.file_uploader) == 0  # the slot is full
    assert "takes a link here" not in texts(app)


def test_with_the_sandbox_an_upload_fills_a_slot_that_takes_links_only(open_page: Open) -> None:
    app = open_page("hailuo", mode="first_last")
    for index, picture in enumerate(("a.png", "b.png")):
        app.file_uploader[0].set_value((picture, png((1280 - index, 720)), "image/png")).run()
    assert "is sent as a link: the gateway fetches a.png from this app." in texts(app)
    assert "DAILIES_PUBLIC_URL" not in texts(app)
