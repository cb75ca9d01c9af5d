"""The fairness sheet over real requests and calls: what was equal, what was not, what is not known, and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dailies.compare.fairness import ASKED, CIRCUMSTANCES, DELIVERED, REFERENCES, SENT, Row, Sheet, build_sheet
from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.domain import Cell, Clip, Draft, Failure, Reference, Run
from dailies.request import wire
from dailies.vocabulary import MediaKind, Mode, RunState, SendAs, Value
from dailies.work.life import create_run
from tests.unit import golden

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CLIP = Clip("a.mp4", "a.jpg", 9, 8.0, 1280, 720, 24.0, "h264", "aac")


def cell(model: str, mode: Mode = Mode.TEXT, entry: str = "") -> Cell:
    found = golden.catalog().find(model, entry)
    assert found is not None
    held = found[0].cell(model, mode, entry)
    assert held is not None
    return held


def run(run_id: str, of: Cell, values: Mapping[str, Value], *, clip: Clip | None = None, **asked: Any) -> Run:
    """A finished run of a cell, encoded as the program does it."""
    draft = Draft(**{"prompt": "a boat", "values": values, **asked})
    request = golden.request_of(draft, of)
    made = create_run(request, wire.encode(request, of), of.route, "https://gateway.example/v1", NOW, run_id=run_id)
    state = RunState.DONE if clip else RunState.RUNNING
    return replace(made, state=state, sent=NOW, finished=NOW + timedelta(seconds=93) if clip else None, clip=clip)


def compared(idea: Idea, *lanes: Lane) -> Comparison:
    return Comparison("c", "", NOW, NOW, idea=idea, lanes=lanes)


def row(of: Sheet, group: str, name: str) -> Row:
    (found,) = (row for row in of.rows if (row.group, row.name) == (group, name))
    return found


KLING = cell("Kling-3.0")
HAILUO = cell("Hailuo-2.3")
IDEA = Idea(prompt="a boat", values={"seconds": 8, "aspect_ratio": "16:9"})


def three() -> tuple[Comparison, dict[str, Run]]:
    runs = {
        "1": run("1", KLING, {"seconds": 8, "aspect_ratio": "16:9"}, clip=CLIP),
        "2": run("2", HAILUO, {"seconds": 10}, clip=replace(CLIP, seconds=9.9, width=1366, height=768)),
        "3": run("3", KLING, {"seconds": 8, "aspect_ratio": "16:9"}),
    }
    lanes = (
        Lane("a", model="Kling-3.0", run="1"),
        Lane("b", model="Hailuo-2.3", run="2"),
        Lane("c", model="Kling-3.0", run="3"),
    )
    return compared(IDEA, *lanes), runs


def test_what_was_asked_and_what_was_sent() -> None:
    made = build_sheet(*three())
    assert made.columns == (("A", "Kling-3.0"), ("B", "Hailuo-2.3"), ("C", "Kling-3.0"))
    assert row(made, ASKED, "Duration") == Row("Duration", ASKED, ("8 s", "8 s", "8 s"), True, False)
    assert row(made, SENT, "Duration") == Row("Duration", SENT, ("8 s", "10 s", "8 s"), False, True)
    assert row(made, SENT, "Aspect ratio").values == ("16:9", "not sent", "16:9")
    assert row(made, SENT, "Prompt").equal and row(made, SENT, "Mode").values == ("Text",) * 3
    assert set(made.equal) | set(made.differing) == set(made.rows)
    assert not set(made.equal) & set(made.differing)


def test_what_was_delivered() -> None:
    made = build_sheet(*three())
    assert row(made, DELIVERED, "Clip duration").values == ("8.0 s", "9.9 s", "no clip")
    assert row(made, DELIVERED, "Picture size").differs
    assert row(made, DELIVERED, "Picture ratio") == Row(
        "Picture ratio", DELIVERED, ("16:9", "16:9", "no clip"), True, False
    )
    assert row(made, DELIVERED, "Sound track").values == ("sound (aac)", "sound (aac)", "no clip")
    assert row(made, DELIVERED, "Matches the request").values == ("yes", "yes", "no clip")


def test_what_was_delivered_against_what_was_sent() -> None:
    short = run("1", KLING, {"seconds": 8, "audio": "off"}, clip=replace(CLIP, seconds=5.0))
    made = build_sheet(compared(IDEA, Lane("a", run="1")), {"1": short})
    assert row(made, DELIVERED, "Matches the request").values == (
        "Asked 8 s, got 5.0 s. No sound was asked for, the clip has some.",
    )


def test_the_summary() -> None:
    assert build_sheet(*three()).summarise() == (
        "Equal: prompt, mode, picture ratio, frame rate, sound track, codec. "
        "Duration differs: B 10 s; the others 8 s. Aspect ratio differs: B not sent; the others 16:9. "
        "Clip duration differs: A 8.0 s, B 9.9 s. Picture size differs: A 1280×720, B 1366×768."
    )


def test_a_summary_of_nothing() -> None:
    assert build_sheet(compared(Idea()), {}).summarise() == "Nothing to compare yet."
    assert build_sheet(compared(IDEA, Lane("a", model="One"), Lane("b", model="Two")), {}).summarise() == (
        "Nothing to compare yet."
    )


def test_a_summary_names_a_long_value_without_repeating_it() -> None:
    comparison, runs = three()
    other = replace(runs["2"], request=replace(runs["2"].request, prompt="a boat " * 20))
    said = build_sheet(comparison, {**runs, "2": other}).summarise()
    assert "Prompt differs. Duration differs: B 10 s; the others 8 s." in said


def test_one_lane_alone_is_equal_to_nothing() -> None:
    made = build_sheet(compared(IDEA, Lane("a", run="1")), {"1": three()[1]["1"]})
    assert made.equal == () and not any(row.differs for row in made.rows)


def test_a_value_of_one_lane() -> None:
    comparison, runs = three()
    own = replace(comparison.lanes[1], overrides={"seconds": 10})
    made = build_sheet(comparison.with_lane(own), runs)
    assert row(made, ASKED, "Duration") == Row("Duration", ASKED, ("8 s", "10 s, for this lane", "8 s"), False, True)


def test_what_the_model_fixes_is_equal_to_the_same_value_chosen() -> None:
    texts = (c for c in golden.open_cells() if c.mode is Mode.TEXT and not c.continues)
    fixed = next(c for c in texts if any(p.id == "seconds" and p.fixed == 8 for p in c.parameters))
    runs = {"1": run("1", fixed, golden.required_values(fixed)), "2": run("2", KLING, {"seconds": 8})}
    comparison = compared(Idea(prompt="a boat", values={"seconds": 8}), Lane("a", run="1"), Lane("b", run="2"))
    made = build_sheet(comparison, runs, cells={"a": fixed, "b": KLING})
    assert row(made, SENT, "Duration") == Row("Duration", SENT, ("8 s, fixed by the model", "8 s"), True, False)
    assert row(build_sheet(comparison, runs), SENT, "Duration").values == ("8 s", "8 s")


def test_an_entry_point_has_its_title_where_the_catalog_knows_it() -> None:
    comparison, runs = three()
    made = build_sheet(comparison, runs, cells={"a": KLING})
    assert row(made, CIRCUMSTANCES, "Entry point").values[:2] == (KLING.entry.title, HAILUO.entry.id)


def test_two_spellings_of_one_size_are_equal() -> None:
    comparison, runs = three()
    for number, lines in (("1", "720P"), ("2", "720p")):
        request = runs[number].request
        runs[number] = replace(runs[number], request=replace(request, values={"resolution": lines}))
    del runs["3"]
    assert row(build_sheet(replace(comparison, lanes=comparison.lanes[:2]), runs), SENT, "Resolution").equal


def test_raw_metadata_is_named_and_never_repeated() -> None:
    raw = run("1", KLING, {}, metadata={"token": "hush-hush"})
    runs = {"1": raw, "2": run("2", KLING, {}), "3": run("3", KLING, {}, metadata={"token": "other"})}
    made = build_sheet(compared(IDEA, *(Lane(n, run=n) for n in "123")), runs)
    assert row(made, SENT, "Raw metadata").values == ("token (1)", "none", "token (2)")
    assert "hush-hush" not in repr(made)


# --- lanes without a run -----------------------------------------------------------------------------------------


def test_lanes_that_never_sent_say_why_and_take_no_part() -> None:
    comparison, runs = three()
    lanes = (*comparison.lanes, Lane("d", model="D", refused="D has no text."), Lane("e", model="E"))
    made = build_sheet(replace(comparison, lanes=lanes), runs)
    assert row(made, CIRCUMSTANCES, "State").values == (
        "done",
        "done",
        "running",
        "nothing sent: D has no text.",
        "nothing sent yet",
    )
    assert row(made, SENT, "Prompt").values[3:] == ("nothing sent", "nothing sent")
    assert row(made, SENT, "Prompt").equal
    assert "Duration differs: A and C 8 s, B 10 s." in made.summarise()


def test_a_clip_made_elsewhere_is_not_known_to_be_equal() -> None:
    comparison, runs = three()
    made = build_sheet(replace(comparison, lanes=(*comparison.lanes, Lane("d", title="Rushes", clip=CLIP))), runs)
    assert made.columns[3] == ("D", "Rushes")
    prompt = row(made, SENT, "Prompt")
    assert prompt.values[3] == "not known" and not prompt.equal and not prompt.differs
    assert row(made, ASKED, "Prompt").values[3] == "not known"
    assert row(made, DELIVERED, "Clip duration").values == ("8.0 s", "9.9 s", "no clip", "8.0 s")
    assert row(made, CIRCUMSTANCES, "State").values[3] == "made elsewhere"
    assert made.summarise().endswith("What was asked of D is not known.")
    assert "prompt" not in made.summarise()


def test_a_run_that_is_gone_is_not_known() -> None:
    comparison, runs = three()
    del runs["2"]
    made = build_sheet(comparison, runs)
    assert row(made, CIRCUMSTANCES, "State").values[1] == "its run is no longer stored"
    assert row(made, SENT, "Duration").values == ("8 s", "not known", "8 s")
    assert not row(made, SENT, "Duration").equal


# --- references --------------------------------------------------------------------------------------------------


def pictured(of: Cell, run_id: str, reference: Reference) -> Run:
    return run(run_id, of, {}, references={"first_frame": (reference,)})


def framing(send_as: SendAs, held: SendAs) -> Cell:
    """A cell with a first frame in which a reference held in one form travels in the other."""
    for of in golden.open_cells():
        slot = of.slot("first_frame")
        if of.mode is Mode.FIRST_FRAME and slot and not of.continues and not golden.required_values(of):
            form = slot.form_for(golden.sample_reference(MediaKind.IMAGE, 1, held))
            if form and form.send_as is send_as:
                return of
    raise AssertionError(f"no cell sends a {held} as a {send_as}")


@pytest.mark.parametrize(
    ("send_as", "reference", "way"),
    [
        (SendAs.FILE, SendAs.FILE, "file"),
        (SendAs.DATA_URL, SendAs.FILE, "data URL"),
        (SendAs.BASE64, SendAs.FILE, "base64"),
        (SendAs.URL, SendAs.URL, "link"),
        (SendAs.ASSET, SendAs.ASSET, "asset"),
    ],
)
def test_how_a_reference_travelled(send_as: SendAs, reference: SendAs, way: str) -> None:
    held = pictured(framing(send_as, reference), "1", golden.sample_reference(MediaKind.IMAGE, 1, reference))
    made = build_sheet(compared(Idea(Mode.FIRST_FRAME), Lane("a", run="1")), {"1": held})
    assert row(made, REFERENCES, "First frame sent as").values == (way,)


def test_a_reference_that_the_call_does_not_carry_is_not_said_to_be_sent() -> None:
    upload = golden.sample_reference(MediaKind.IMAGE, 1, SendAs.FILE)
    held = pictured(framing(SendAs.FILE, SendAs.FILE), "1", upload)
    empty = replace(held, call=replace(held.call, form=()))
    made = build_sheet(compared(Idea(Mode.FIRST_FRAME), Lane("a", run="1")), {"1": empty})
    assert row(made, REFERENCES, "First frame sent as").values == ("not in the request",)


def test_one_picture_whole_and_cropped_is_not_the_same() -> None:
    upload = golden.sample_reference(MediaKind.IMAGE, 1, SendAs.FILE)
    cropped = replace(upload, digest="ff" * 32, width=720, done=("cropped to 1:1",))
    of = framing(SendAs.FILE, SendAs.FILE)
    runs = {"1": pictured(of, "1", upload), "2": pictured(of, "2", cropped), "3": pictured(of, "3", upload)}
    asked = Idea(Mode.FIRST_FRAME, references={"first_frame": (upload,)})
    made = build_sheet(compared(asked, *(Lane(n, run=n) for n in "123")), runs)
    assert row(made, ASKED, "First frame").values == (upload.name,) * 3
    assert row(made, REFERENCES, "First frame").values == tuple(f"{upload.name} ({n})" for n in (1, 2, 1))
    assert row(made, REFERENCES, "First frame").differs
    assert row(made, REFERENCES, "First frame size").values == ("1280×720", "720×720", "1280×720")
    assert row(made, REFERENCES, "First frame changes").values == ("nothing", "cropped to 1:1", "nothing")
    assert row(made, REFERENCES, "First frame sent as").equal
    assert "First frame size differs: B 720×720; the others 1280×720." in made.summarise()
    text = next(each for each in golden.open_cells() if each.mode is Mode.TEXT and not golden.required_values(each))
    bare = {"1": runs["1"], "2": run("2", text, {})}
    without = build_sheet(compared(asked, *(Lane(n, run=n) for n in "12")), bare)
    assert "First frame size" not in without.summarise()
    assert f"First frame differs: A {upload.name}, B none." in without.summarise()


def test_how_many_references_each_lane_took() -> None:
    open_ended = (c for c in golden.open_cells() if c.mode is Mode.REFERENCES and not c.continues)
    many = next(c for c in open_ended if not golden.required_values(c) and c.slots[0].maximum is None)
    links = tuple(golden.sample_reference(MediaKind.IMAGE, n, many.slots[0].forms[0].send_as) for n in range(1, 5))
    runs = {
        "1": run("1", many, {}, references={"references": links}),
        "2": run("2", many, {}, references={"references": links[:3]}),
        "3": run("3", KLING, {}),
    }
    made = build_sheet(compared(Idea(Mode.REFERENCES), *(Lane(n, run=n) for n in "123")), runs)
    words = row(made, REFERENCES, "Reference images").values
    assert [value.split(":")[0] for value in words] == ["4", "3", "none"]


def test_nothing_secret_is_on_the_sheet() -> None:
    of = framing(SendAs.URL, SendAs.URL)
    public = replace(
        golden.sample_reference(MediaKind.IMAGE, 1, SendAs.URL),
        url="https://user:hush@media.example/a.png?signature=hush#hush",
    )
    upload = replace(
        golden.sample_reference(MediaKind.IMAGE, 2, SendAs.FILE), hosted="https://dailies.example/media/hush/b.png"
    )
    failed = replace(
        pictured(of, "3", public),
        gateway="https://user:hush@gateway.example/v1?key=hush",
        state=RunState.FAILED,
        credential="hush",
        link="https://cdn.example/hush.mp4",
        raw='{"key": "hush"}',
        failure=Failure("generating", "no such file: https://cdn.example/x?key=hush.", "Try again.", "Not charged."),
    )
    runs = {"1": pictured(of, "1", public), "2": pictured(of, "2", upload), "3": failed}
    asked = Idea(
        Mode.FIRST_FRAME,
        values={"callback_url": "https://hook.example/a?token=hush"},
        references={"first_frame": (public,)},
    )
    lanes = [Lane(n, run=n) for n in "123"]
    made = build_sheet(compared(asked, *lanes, Lane("4", refused="See https://x.example/?key=hush")), runs)
    assert "hush" not in repr(made) + made.summarise()
    assert row(made, REFERENCES, "First frame").values[:2] == ("https://media.example/a.png", upload.name)
    assert row(made, REFERENCES, "First frame sent as").values[:2] == ("link", "link to this app")
    assert row(made, CIRCUMSTANCES, "Gateway").values[2] == "https://gateway.example/v1"


# --- circumstances -----------------------------------------------------------------------------------------------


def test_the_circumstances() -> None:
    comparison, runs = three()
    runs["2"] = replace(
        runs["2"],
        state=RunState.FAILED,
        gateway="sandbox",
        request=replace(runs["2"].request, sent_as="a combined name"),
        failure=Failure("input review", "The prompt was refused.", "Change it.", "Not charged."),
    )
    made = build_sheet(comparison, runs)
    values = {found.name: found.values for found in made.rows if found.group == CIRCUMSTANCES}
    assert values == {
        "State": ("done", "failed", "running"),
        "Gateway": ("https://gateway.example/v1", "sandbox", "https://gateway.example/v1"),
        "Entry point": (KLING.entry.id, HAILUO.entry.id, KLING.entry.id),
        "Sent as": ("none", "a combined name", "none"),
        "Sent at": ("2026-03-01 12:00:00 UTC",) * 3,
        "Generation time": ("93 s", "93 s", "none"),
        "Failure": ("none", "input review: The prompt was refused. Not charged.", "none"),
    }


def test_the_sheet_depends_on_nothing_but_what_is_stored() -> None:
    comparison, runs = three()
    assert build_sheet(comparison, runs) == build_sheet(comparison, dict(reversed(runs.items())))
    unsaid = comparison.with_lane(replace(comparison.lanes[1], announced=("Duration: 12 s",)))
    assert build_sheet(unsaid, runs) == build_sheet(comparison, runs)


@pytest.mark.parametrize("family", sorted(golden.catalog().families))
def test_every_stored_request_can_be_held_against_its_own_idea(family: str) -> None:
    cells = [c for c in golden.open_cells() if c.family == family]
    for of in cells:
        asked = golden.full_draft(of)
        made = run("1", of, asked.values, prompt=asked.prompt, references=asked.references, source=asked.source)
        idea = Idea(of.mode, asked.prompt, asked.values, asked.references)
        lanes = (Lane("a", run="1"), Lane("b", run="2"))
        found = build_sheet(compared(idea, *lanes), {"1": made, "2": replace(made, id="2")}, cells={"a": of, "b": of})
        assert found.differing == ()
        ways = [r for r in found.rows if r.group == REFERENCES and r.name.endswith("sent as")]
        assert len(ways) == len(made.request.references)
        assert not any("not in the request" in value for r in ways for value in r.values), golden.name_of(of)
