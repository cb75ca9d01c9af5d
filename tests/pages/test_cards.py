"""Runs as cards: every state has its words and its next step, and a broken run harms no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.form.short import EXAMPLES
from components.runs import onward
from dailies.archive.records import name_run
from dailies.catalog.load import load
from dailies.domain import Clip, Failure, Reference, Request, Run
from dailies.errors import DailiesError
from dailies.gateways import SANDBOX
from dailies.media import clips
from dailies.money import Money
from dailies.services import Services
from dailies.vocabulary import Kinship, MediaKind, Mode, RunState, Stage
from tests.pages.conftest import FAMILY, MakeRun, Open, plain, png, press, texts, widget

CLIP = Clip("gone.mp4", "gone.jpg", 1_400_000, 5.0, 1280, 720, 24.0, "h264", "")
MAYBE = "Not known: if the gateway received the call, it made a task and charges for it."

Add = Callable[..., Run]


@pytest.fixture
def add(services: Services, make_run: MakeRun) -> Add:
    """`add(state=…)` stores a run that nobody works on; it is deleted after the test."""
    services.store.files.clip_path(CLIP.file).touch()
    return lambda prompt="Mist over a lake", **changes: make_run(
        prompt, services.now(), "http://127.0.0.1:9", **changes
    )


def failure(stage: str, what: str = "the model is busy") -> Failure:
    return Failure(stage, what, "Send it again later.", MAYBE)


def drawn(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What the components of one kind were given."""
    parts = [part.proto for part in app.get("bidi_component")]
    return [json.loads(part.json) for part in parts if part.component_name == name]


@pytest.mark.parametrize(
    ("changes", "words", "labels"),
    [
        (
            {"state": RunState.FAILED, "failure": failure(Stage.GENERATING)},
            ["The generation failed", "The model is busy. Send it again later.", MAYBE],
            ["Use again", "Send again"],
        ),
        (
            {"state": RunState.FAILED, "failure": failure(Stage.REVIEW, "policy violation..")},
            ["Stopped by the review of the input", "Policy violation. Send it again later."],
            ["Use again", "Send again"],
        ),
        (
            {"state": RunState.FAILED, "failure": failure(Stage.FETCHING)},
            ["The clip could not be fetched"],
            ["Use again", "Fetch again", "Send again"],
        ),
        (
            {"state": RunState.UNSURE, "failure": failure(Stage.SENDING)},
            ["Sent, but the outcome is unknown"],
            ["Use again", "Follow this task", "Send again"],
        ),
        (
            {"state": RunState.UNATTENDED, "task": "task-1"},
            ["No longer watched", "The gateway may have finished it meanwhile."],
            ["Use again", "Look again", "Send again"],
        ),
        (
            {"state": RunState.CANCELLED},
            ["It was cancelled before it was sent.", "Nothing was charged."],
            ["Use again", "Send again"],
        ),
        (
            {"state": RunState.EXPIRED, "failure": failure(Stage.GENERATING, "queue timeout")},
            ["The gateway gave the task up", "Queue timeout. Send it again later."],
            ["Use again", "Send again"],
        ),
    ],
    ids=["failed", "moderated", "not fetched", "unsure", "unattended", "cancelled", "expired"],
)
def test_an_ending_says_why_and_what_to_do(
    add: Add, open_page: Open, changes: dict[str, Any], words: Sequence[str], labels: Sequence[str]
) -> None:
    add(**changes)
    app = open_page(FAMILY)
    assert not app.exception
    boxes = (*app.error, *app.warning, *app.info)
    said = "\n".join([texts(app), *(box.proto.title for box in boxes)])
    for word in words:
        assert word in said
    known = {"Use again", "Fetch again", "Look again", "Follow this task", "Send again"}
    assert [button.label for button in app.button if button.label in known] == list(labels)


def test_words_from_a_gateway_are_never_markdown(add: Add, open_page: Open) -> None:
    add(state=RunState.FAILED, failure=failure(Stage.GENERATING, "**bold** :red[x] [a](http://b)"))
    shown = next(error.value for error in open_page(FAMILY).error)
    assert r"\*\*bold\*\* \:red\[x\] \[a\]\(http\:\/\/b\)" in shown.replace("\N{WORD JOINER}", "")


def test_a_status_word_is_shown_only_where_nobody_knows_its_meaning(add: Add, open_page: Open) -> None:
    add(state=RunState.RUNNING, task="t", word="IN_PROGRESS")
    add(state=RunState.RUNNING, task="t", word="brewing")
    add(state=RunState.QUEUED, task="t", word="brewing")
    stages = [progress["stage"] for progress in drawn(open_page(FAMILY), "dailies_progress")]
    assert stages == ["Queued at the gateway", "Generating (the gateway says “brewing”)", "Generating"]


def test_a_broken_run_shows_a_sentence_and_the_others_are_drawn(add: Add, open_page: Open) -> None:
    add("The first one", state=RunState.DONE, clip=CLIP, finished=None)
    broken = add("The broken one", state=RunState.DONE, clip=replace(CLIP, height=0))
    add("The last one", state=RunState.FAILED, failure=failure(Stage.GENERATING))
    app = open_page(FAMILY)
    assert not app.exception
    said = texts(app)
    assert "The first one" in said
    assert "5.0 s · 1280×720 · 16:9 · 24 fps · no sound · h264" in said
    assert f"This run cannot be shown. It is still stored as `{broken.id}`" in said
    assert "The last one" in said
    app = open_page("library", run=broken.id)
    assert not app.exception
    assert f"This run cannot be shown. It is still stored as `{broken.id}`" in texts(app)


def test_home_shows_takes_as_pictures_without_reading_one(add: Add, open_page: Open) -> None:
    run = add(state=RunState.DONE, clip=CLIP)
    failed = add("It rains", state=RunState.FAILED, failure=failure(Stage.GENERATING))
    app = open_page("home")
    assert not app.exception
    (wall,) = drawn(app, "dailies_wall")
    assert [(take["id"], take["state"], bool(take["poster"])) for take in wall["takes"]] == [
        (failed.id, "Failed", False),
        (run.id, "Done", True),
    ]
    assert "What each family can do" in texts(app)


def test_the_usual_duration_is_asked_for_once_however_many_runs_are_under_way(
    add: Add, open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        run = add(state=RunState.RUNNING, task="t")
    add(state=RunState.FAILED, failure=failure(Stage.GENERATING))
    past = [(90.0, {"seconds": "another"}), *((seconds, run.request.values) for seconds in (7.0, 9.0, 11.0))]
    asked: list[str] = []
    monkeypatch.setattr(services.store.runs, "history", lambda model, *_: asked.append(model) or past)
    app = open_page(FAMILY)
    assert len(asked) == 1
    assert [progress["usual"] for progress in drawn(app, "dailies_progress")] == [9.0, 9.0, 9.0]


def test_a_finished_clip_whose_file_is_gone_can_be_fetched_again(add: Add, open_page: Open, services: Services) -> None:
    run = add(state=RunState.DONE, clip=replace(CLIP, file="lost.mp4"), task="t-1")
    app = open_page(FAMILY)
    assert "The file of this clip is no longer on this server." in texts(app)
    press(app, "Fetch again")
    again = services.store.runs.get(run.id)
    assert again is not None
    assert (again.state, again.clip) == (RunState.FETCHING, None)


def test_details_say_what_the_gateway_reports_of_the_cost(add: Add, open_page: Open) -> None:
    run = add(state=RunState.DONE, estimate=Money(Decimal("0.5"), "USD"), usage="total_tokens 173000, cost 0.35 USD")
    app = open_page(FAMILY)
    app.session_state[f"menu-{run.id}"] = True
    app.session_state[f"details-{run.id}"] = True
    said = texts(app.run())
    assert "Expected cost: `0.50 USD`" in said
    assert "Usage, as the gateway reports it: `total_tokens 173000, cost 0.35 USD`" in said


def test_details_are_drawn_when_they_are_opened(add: Add, open_page: Open) -> None:
    run = add(state=RunState.FAILED, failure=failure(Stage.GENERATING), raw='{"why":"busy"}', word="failed", task="t-9")
    app = open_page(FAMILY)
    assert not app.code
    app.session_state[f"menu-{run.id}"] = True
    app.session_state[f"details-{run.id}"] = True
    app.run()
    assert [block.value for block in app.code][-1] == '{\n  "why": "busy"\n}'
    assert "Task: `t-9`" in texts(app)
    assert "Status word of the gateway: `failed`" in texts(app)


def test_an_action_that_comes_too_late_is_a_toast(
    add: Add, open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DailiesError("This run has been deleted.")

    add(state=RunState.UNATTENDED, task="t")
    app = open_page(FAMILY)
    monkeypatch.setattr(services.worker, "act", refuse)
    app = press(app, "Look again")
    assert not app.exception
    assert [plain(toast.value) for toast in app.toast] == ["This run has been deleted."]


def test_following_a_task_needs_its_id(add: Add, open_page: Open, services: Services) -> None:
    run = add(state=RunState.UNSURE, failure=failure(Stage.SENDING))
    app = press(open_page(FAMILY), "Follow this task")
    assert "Enter the task id first." in texts(app)
    next(field for field in app.text_input if field.label == "Task id").set_value(" task-7 ")
    press(app, "Follow this task")
    kept = services.store.runs.get(run.id)
    assert kept is not None
    assert kept.task == "task-7"


def test_a_task_is_no_longer_watched_after_one_press(add: Add, open_page: Open, services: Services) -> None:
    run = add(state=RunState.RUNNING, task="t")
    app = press(open_page(FAMILY), "Stop watching")
    assert not app.exception
    kept = services.store.runs.get(run.id)
    assert kept is not None
    assert (kept.state, kept.due) == (RunState.UNATTENDED, None)
    assert "Look again" in [button.label for button in app.run().button]


def test_a_clip_is_extended_from_its_card(add: Add, open_page: Open, services: Services) -> None:
    family = load().families["grok"]
    entry = next(entry for entry in family.continuations("openai") if entry.title == "Extend")
    request = Request("grok", "openai", "grok-video-3", Mode.TEXT, "A boat leaves the harbour", {"seconds": 6}, {}, {})
    run = add(state=RunState.DONE, task="task-of-the-boat", clip=CLIP, request=request)
    app = press(open_page("grok", run=run.id), "Extend")
    next(area for area in app.text_area if area.key == f"grok/{entry.id}/prompt").set_value("It reaches the open sea")
    app = app.button(key=f"grok/{entry.id}/press").click().run()
    (made,) = services.store.runs.list(search="reaches the open sea")
    assert (made.parent, made.request.entry, made.request.source) == (run.id, entry.id, "task-of-the-boat")
    assert "task-of-the-boat" in f"{made.call}"
    services.store.runs.delete(made.id)


def test_more_runs_are_shown_on_request(add: Add, open_page: Open) -> None:
    for number in range(8):
        add(f"Take {number}", state=RunState.CANCELLED)
    app = open_page(FAMILY)
    assert sum("Take " in str(caption.value) for caption in app.caption) == 6
    app = press(app, "Show more").run()
    assert sum("Take " in str(caption.value) for caption in app.caption) == 8


def test_the_run_in_the_address_comes_first(add: Add, open_page: Open) -> None:
    first = add("The older one", state=RunState.CANCELLED)
    add("The newer one", state=RunState.CANCELLED)
    said = texts(open_page(FAMILY, run=first.id))
    assert said.index("The older one") < said.index("The newer one")


def test_only_a_clip_that_this_session_asked_for_starts_by_itself(add: Add, open_page: Open) -> None:
    older = add(state=RunState.DONE, clip=CLIP)
    newest = add(state=RunState.DONE, clip=CLIP)
    app = open_page(FAMILY)
    assert [(clip["play"], clip["eager"]) for clip in drawn(app, "dailies_clip")] == [(False, True), (False, False)]
    app.session_state["session/mine"] = {older.id, newest.id}
    assert [clip["play"] for clip in drawn(app.run(), "dailies_clip")] == [True, False]


def continue_with(app: AppTest, run: Run, family: str) -> AppTest:
    """Open the models to continue a clip with, and choose a family's."""
    app.session_state[f"continue-{run.id}"] = True
    return app.run().button(key=f"continue-{run.id}/{family}").click().run()


def test_a_clip_whose_last_frame_cannot_be_read_says_so(open_page: Open, add: Add) -> None:
    run = add(state=RunState.DONE, clip=CLIP)  # an empty file
    app = continue_with(open_page(FAMILY), run, FAMILY)
    assert app.error[0].proto.title == "No last frame"
    assert "What was fetched is not a video that can be played." in plain(app.error[0].value)


def test_a_clip_that_browsers_do_not_play_is_named_and_its_preview_is_shown(
    open_page: Open, add: Add, services: Services
) -> None:
    add(state=RunState.DONE, clip=replace(CLIP, unplayable="HEVC", preview="gone.preview.mp4"))
    app = open_page(FAMILY)
    assert "HEVC, which this browser may not play: a converted preview is shown." in texts(app)
    (player,) = drawn(app, "dailies_clip")
    token = player["src"].rsplit("/", 1)[-1]
    assert services.settings.signer.clip_of(token, "") == "gone.preview.mp4"


def test_a_clip_without_its_preview_is_offered_for_download(open_page: Open, add: Add) -> None:
    add(state=RunState.DONE, clip=replace(CLIP, unplayable="ProRes"))
    assert "ProRes, which this browser may not play: download it to watch it." in texts(open_page(FAMILY))


def test_the_last_frame_becomes_the_first_frame_of_the_next_clip(
    add: Add, open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "last_frame", lambda clip, target: target.write_bytes(png((1280, 720))))
    run = add("Mist lifts", state=RunState.DONE, clip=CLIP)
    app = continue_with(open_page(FAMILY), run, FAMILY)
    assert not app.exception
    assert app.session_state[f"{FAMILY}/cell"][2] is Mode.FIRST_FRAME
    assert app.session_state[f"{FAMILY}/prompt"] == "Mist lifts"
    held = app.session_state[f"{FAMILY}/references"]
    assert {slot: [reference.name for reference in references] for slot, references in held.items()} == {
        "first_frame": [f"last-frame-{run.id[:8]}.png"]
    }
    press(app, "Generate")
    (child,) = (item for item, lineage in services.store.library.relatives("", run.id) if lineage)
    found = services.store.runs.get(child.run)
    assert found is not None
    assert (found.parent, found.kinship, found.frame) == (run.id, Kinship.FRAME, run.clip.seconds if run.clip else None)
    services.store.runs.delete(child.run)


@pytest.mark.parametrize("said", ["<b>", None, float("nan"), float("inf"), [1], {}])
def test_what_is_no_time_picks_no_frame(said: object, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", kept)
    onward.pick_frame(add(), CLIP, said)
    assert kept == {}


def test_a_frame_that_was_picked_on_the_player_becomes_the_first_frame(
    add: Add, open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def write(clip: Path, target: Path, seconds: float, played: Path) -> float:
        asked.append(seconds)
        target.write_bytes(png((1280, 720)))
        return 1.25

    monkeypatch.setattr(clips, "write_frame", write)
    run = add("Mist lifts", state=RunState.DONE, clip=CLIP)
    app = open_page(FAMILY)
    app.session_state[f"picked-{run.id}"] = 1.2501
    app.session_state[f"from-{run.id}"] = "picked"
    app = continue_with(app, run, FAMILY)
    assert (app.exception, asked) == ([], [1.2501])
    press(app, "Generate")
    (child,) = (item for item, lineage in services.store.library.relatives("", run.id) if lineage)
    found = services.store.runs.get(child.run)
    assert found is not None
    assert (found.parent, found.kinship, found.frame) == (run.id, Kinship.FRAME, 1.25)
    services.store.runs.delete(child.run)


def test_a_clip_goes_on_as_a_reference_where_the_model_takes_one(
    add: Add, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = Reference("clip.mp4", MediaKind.VIDEO, "a" * 64, media_type="video/mp4", size=9, seconds=2.0)
    monkeypatch.setattr(onward, "import_media", lambda name, data: replace(film, name=name))
    run = add("Mist lifts", state=RunState.DONE, clip=CLIP)
    app = open_page(FAMILY)
    app.session_state[f"from-{run.id}"] = "clip"
    app.session_state[f"continue-{run.id}"] = True
    app = app.run().button(key=f"film-{run.id}/vidu").click().run()
    assert not app.exception
    assert app.session_state["vidu/cell"][2] is Mode.REFERENCES
    assert [held.name for held in app.session_state["vidu/references"]["reference_videos"]] == [
        f"clip-{run.id[:8]}.mp4"
    ]
    lineage = app.session_state["vidu/lineage"]
    assert (lineage.parent, lineage.kinship, lineage.digest) == (run.id, Kinship.REFERENCE, "a" * 64)


def test_a_clip_is_continued_with_another_family_in_two_actions(
    add: Add, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "last_frame", lambda clip, target: target.write_bytes(png((1280, 720))))
    run = add("Mist lifts", state=RunState.DONE, clip=CLIP)
    app = continue_with(open_page(FAMILY), run, "vidu")
    assert not app.exception
    assert app.session_state["vidu/cell"][2] is Mode.FIRST_FRAME
    assert app.session_state["vidu/prompt"] == "Mist lifts"
    assert app.session_state["vidu/value/seconds"] == 5
    assert list(app.session_state["vidu/references"]) == ["first_frame"]


def test_use_again_loses_nothing(add: Add, open_page: Open) -> None:
    add("The first idea", state=RunState.CANCELLED)
    app = open_page(FAMILY)
    widget(app, "text_area", "Prompt").set_value("A second idea that nobody sent").run()
    app = press(app, "Use again")
    assert widget(app, "text_area", "Prompt").value == "The first idea"
    app = press(app, "Bring back the earlier form")
    assert widget(app, "text_area", "Prompt").value == "A second idea that nobody sent"
    app = press(app, "Bring back the earlier form")
    assert widget(app, "text_area", "Prompt").value == "The first idea"


def test_the_idea_of_a_run_goes_to_any_model(add: Add, open_page: Open) -> None:
    run = add("An idea for somebody else", state=RunState.CANCELLED)
    app = open_page(FAMILY)
    app.session_state[f"menu-{run.id}"] = True
    app = app.run().button(key=f"idea-{run.id}/hailuo").click().run()
    assert not app.exception
    assert widget(app, "text_area", "Prompt").value == "An idea for somebody else"
    assert "**Duration** 5 s → 6 s: not offered by" in plain(texts(app))


def test_the_next_step_is_a_button_where_this_app_can_take_it(add: Add, open_page: Open) -> None:
    add("A face", state=RunState.FAILED, failure=failure(Stage.REVIEW))
    refused = Failure(Stage.SENDING, "The key is wrong.", "Check the key in Settings: it must be valid.", MAYBE)
    add("A key", state=RunState.FAILED, failure=refused)
    labels = [button.label for button in open_page(FAMILY).button]
    assert labels.count("Open Settings") == 1
    assert not any(label.startswith("Send again without") for label in labels), "this request has none"


def test_a_refused_picture_is_left_out_by_one_press(
    add: Add, make_run: MakeRun, open_page: Open, services: Services
) -> None:
    held = {"first_frame": (Reference("a.png", MediaKind.IMAGE, url="https://example.org/a.png"),)}
    asked = replace(add("A face").request, mode=Mode.FIRST_FRAME, references=held)
    ended = {"state": RunState.FAILED, "failure": failure(Stage.REVIEW), "request": asked}
    failed = make_run("A face", services.now(), SANDBOX, **ended)
    app = press(open_page(FAMILY), "Send again without the picture")
    assert not app.exception
    (sent,) = children(services, failed)
    assert (sent.request.mode, sent.request.references) == (Mode.TEXT, {})
    assert sent.request.prompt == asked.prompt
    press(app, "Send again without the picture")
    assert len(children(services, failed)) == 1, "a double click is one press"
    services.store.runs.delete(sent.id)


def test_a_refused_sound_is_left_out_by_one_press(
    add: Add, make_run: MakeRun, open_page: Open, services: Services
) -> None:
    asked = add("A song").request
    loud = replace(asked, values={**asked.values, "audio": "on"})
    reason = failure(Stage.REVIEW, "The audio may infringe a copyright.")
    failed = make_run("A song", services.now(), SANDBOX, state=RunState.FAILED, failure=reason, request=loud)
    add(state=RunState.FAILED, failure=reason, request=asked)
    app = open_page(FAMILY)
    assert [button.label for button in app.button].count("Turn sound off and send again") == 1
    press(app, "Turn sound off and send again")
    (sent,) = children(services, failed)
    assert sent.request.values == {**loud.values, "audio": "off"}
    assert sent.kinship is Kinship.USED_AGAIN
    services.store.runs.delete(sent.id)


def children(services: Services, run: Run) -> list[Run]:
    return [each for each in services.store.runs.list("", limit=50) if each.parent == run.id]


def test_a_page_without_runs_says_what_it_is_good_for_and_begins_an_idea(open_page: Open) -> None:
    app = open_page("wan")
    assert load().families["wan"].summary in plain(texts(app))
    app = press(app, "Paper boat")
    assert widget(app, "text_area", "Prompt").value == EXAMPLES["Paper boat"]


def test_only_runs_of_this_session_are_announced(add: Add, open_page: Open) -> None:
    add("Somebody's", state=RunState.CANCELLED)
    own = add("My own", state=RunState.RUNNING, task="t")
    app = open_page(FAMILY)
    assert drawn(app, "dailies_announce") == [{"runs": []}]
    app.session_state["session/mine"] = {own.id}
    (said,) = drawn(app.run(), "dailies_announce")
    assert [(run["id"], run["words"], run["ended"]) for run in said["runs"]] == [
        (own.id, f"Generating: {own.request.model}, My own", False)
    ]


def test_a_file_is_named_after_date_model_and_prompt(add: Add) -> None:
    run = add("../纸船: crosses a <puddle> at dusk in the rain", state=RunState.DONE, clip=CLIP)
    assert name_run(run) == f"{run.created:%Y-%m-%d}_{run.request.model}_纸船-crosses-a-puddle-at-dusk_{run.id[:6]}"


@pytest.mark.parametrize("prompt", ["纸" * 3000, "قارب من ورق " * 300, "🚣" * 300, "CON", "../..", ""])
def test_a_file_has_a_name_that_every_file_system_takes(add: Add, prompt: str) -> None:
    name = name_run(add(prompt, state=RunState.DONE, clip=CLIP))
    assert len(name.encode()) <= 200
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_[\w.-]+[\w]", name)
