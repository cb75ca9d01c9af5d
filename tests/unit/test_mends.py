"""What would mend a failed run, and what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dailies.domain import Failure, Reference, Request, Run
from dailies.request import wire
from dailies.vocabulary import Kinship, MediaKind, Mode, RunState, Stage
from dailies.work.life import create_run
from dailies.work.mends import find_mend, send_mended
from tests.unit import golden

NOW = datetime(2027, 1, 1, tzinfo=UTC)
PICTURE = Reference("a.png", MediaKind.IMAGE, url="https://example.org/a.png")
FILM = Reference("a.mp4", MediaKind.VIDEO, url="https://example.org/a.mp4")


def failed(stage: Stage, what: str, **changes: object) -> Run:
    cell = golden.catalog().families["kling"].cell("Kling-2.6", Mode.FIRST_FRAME)
    assert cell is not None
    asked = Request("kling", "openai", "Kling-2.6", Mode.FIRST_FRAME, "A face", {"audio": "on"}, {}, {})
    request = replace(asked, **{"references": {"first_frame": (PICTURE,)}, **changes})  # type: ignore[arg-type]
    run = create_run(request, wire.encode(request, cell), cell.route, "http://gateway", NOW, owner="ada")
    return replace(run, state=RunState.FAILED, failure=Failure(stage, what, "", ""))


def test_what_the_gateway_says_of_sound_goes_before_the_picture() -> None:
    run = failed(Stage.REVIEW, "The audio may infringe a copyright.")
    mend = find_mend(run, golden.catalog())
    assert mend is not None and mend.label == "Turn sound off and send again"
    assert mend.request == replace(run.request, values={**mend.request.values, "audio": "off"})


@pytest.mark.parametrize(
    ("media", "label"),
    [
        ((PICTURE,), "Send again without the picture"),
        ((PICTURE, PICTURE), "Send again without the pictures"),
        ((FILM,), "Send again without the file"),
    ],
)
def test_refused_media_are_left_out(media: tuple[Reference, ...], label: str) -> None:
    mend = find_mend(failed(Stage.REVIEW, "A real person.", references={"first_frame": media}), golden.catalog())
    assert mend is not None and mend.label == label
    assert (mend.request.mode, mend.request.references) == (Mode.TEXT, {})


def test_nothing_is_offered_where_nothing_is_known() -> None:
    catalog = golden.catalog()
    assert find_mend(failed(Stage.GENERATING, "It broke."), catalog) is None
    assert find_mend(failed(Stage.REVIEW, "No.", references={}), catalog) is None
    assert find_mend(failed(Stage.REVIEW, "No.", prompt=""), catalog) is None, "words alone need words"
    assert find_mend(failed(Stage.REVIEW, "No.", sent_as="kling-5s"), catalog) is None
    unsure = replace(failed(Stage.REVIEW, "A real person."), state=RunState.UNSURE)
    assert find_mend(unsure, catalog) is None


def test_a_mended_run_is_a_child_with_a_call_of_its_own() -> None:
    run = failed(Stage.REVIEW, "A real person.")
    mend = find_mend(run, golden.catalog())
    assert mend is not None
    made = send_mended(run, mend, NOW, "token")
    assert (made.parent, made.kinship, made.owner, made.gateway) == (
        run.id,
        Kinship.USED_AGAIN,
        "ada",
        "http://gateway",
    )
    assert made.id != run.id and made.call == wire.encode(mend.request, mend.cell)
