"""Media added to a form that does not send them: kept, named, and offered to the modes of the model that do."""

from __future__ import annotations

from components.form.offers import explain_exclusion, list_offers
from dailies.catalog.load import load
from dailies.domain import Cell, Reference
from dailies.vocabulary import MediaKind, Mode
from tests.pages.conftest import Open, png, press, texts, widget

STREET = Reference("street.png", MediaKind.IMAGE, "a" * 64, media_type="image/png")
BOAT = Reference("boat.png", MediaKind.IMAGE, "b" * 64, media_type="image/png")


def cells(family: str) -> dict[Mode, Cell]:
    found = load().families[family]
    model = found.models[found.entries[0].id][0].id
    return {mode: cell for mode in found.modes(model) if (cell := found.cell(model, mode))}


def test_a_picture_on_a_form_for_words_is_one_press_from_being_the_first_frame(open_page: Open) -> None:
    app = open_page("vidu", mode="text")
    widget(app, "text_area", "Prompt").set_value("A boat in the rain")
    app.file_uploader[0].set_value(("<b>street</b> :red[x].png", png(), "image/png")).run()
    assert "1 file is kept for the modes that use them" in texts(app)
    app = press(app, "First frame")
    assert not app.exception
    assert app.session_state["vidu/cell"][2] is Mode.FIRST_FRAME
    assert len(app.session_state["vidu/references"]["first_frame"]) == 1
    assert widget(app, "text_area", "Prompt").value == "A boat in the rain"
    assert "is kept for the modes" not in texts(app)


def test_a_file_that_is_no_picture_is_named_and_harms_nothing(open_page: Open) -> None:
    app = open_page("vidu", mode="text")
    app.file_uploader[0].set_value([("note.png", b"just words", "image/png")]).run()
    assert not app.exception
    assert "not a picture, video or sound" in texts(app)


def test_every_offer_needs_nothing_more_and_loses_nothing() -> None:
    held = {"first_frame": (STREET,), "references": (BOAT,)}
    for family in (name for name, found in load().families.items() if not found.generic):
        own = cells(family)
        for cell in own.values():
            for offer in list_offers(held, cell, list(own.values())):
                placed = [item for items in offer.held.values() for item in items]
                assert sorted(placed, key=lambda item: item.name) == [BOAT, STREET]
                for slot in offer.cell.slots:
                    assert len(offer.held.get(slot.id, ())) >= slot.minimum


def test_what_a_mode_uses_is_left_where_it_is() -> None:
    own = cells("vidu")
    held = {"first_frame": (STREET,), "references": (BOAT,)}
    offers = {offer.cell.mode: offer for offer in list_offers(held, own[Mode.FIRST_FRAME], list(own.values()))}
    assert offers[Mode.REFERENCES].held == held
    assert list_offers({"first_frame": (STREET,)}, own[Mode.FIRST_FRAME], list(own.values())) == []


def test_frames_and_references_exclude_each_other_only_where_no_mode_takes_both() -> None:
    own = cells("vidu")
    held = {"first_frame": (STREET,), "references": (BOAT,)}
    others = [cell for mode, cell in own.items() if mode is not Mode.FIRST_FRAME_REFERENCES]
    assert "exclude each other" in explain_exclusion(held, own[Mode.FIRST_FRAME], others)
    assert explain_exclusion({"first_frame": (STREET,)}, own[Mode.FIRST_FRAME], others) == ""
