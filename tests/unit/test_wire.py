"""Encoding requests: places, casts, templates, merging, and how a call is displayed."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from dailies.catalog.load import load
from dailies.domain import Cell, Draft, Notice, Reference, Request
from dailies.exchange import (
    Blob,
    Call,
    Part,
)
from dailies.parameter import Placement
from dailies.request import draft, wire
from dailies.vocabulary import Body, MediaKind, Mode
from tests.unit import golden


def cell(model: str, mode: Mode) -> Cell:
    found = golden.catalog().find(model)
    assert found is not None
    held = found[0].cell(model, mode)
    assert held is not None
    return held


def request(of: Cell, values: dict[str, Any] | None = None, **metadata: Any) -> Request:
    """A request as `check` makes it, with these values chosen and this raw metadata."""
    base = golden.minimal_draft(of)
    return golden.request_of(replace(base, values={**base.values, **(values or {})}, metadata=metadata), of)


DATA = b"not really a picture"
UPLOAD = Reference("my boat.png", MediaKind.IMAGE, hashlib.sha256(DATA).hexdigest(), "", "", "image/png", len(DATA))
AS_DATA_URL = Blob(UPLOAD.digest, "image/png", len(DATA), "my boat.png", data_url=True)
AS_FILE = replace(AS_DATA_URL, data_url=False)


# --- encode ------------------------------------------------------------------------------------------------------


def test_json_values_keep_the_types_of_their_places() -> None:
    wan = cell("wan2.6-t2v:1280*720", Mode.TEXT)
    call = wire.encode(request(wan, {"seconds": 10, "seed": 7, "watermark": "off", "shot_type": "single"}), wan)
    assert call == Call(
        "POST", "/v1/videos", Body.JSON,
        json={
            "model": "wan2.6-t2v:1280*720", "prompt": golden.PROMPT, "seconds": "10",
            "metadata": {"parameters": {"seed": 7, "watermark": False, "shot_type": "single"}},
        },
    )  # fmt: skip
    assert json.dumps(call.json)  # nothing in it is foreign to JSON


def test_an_upload_in_json_is_a_blob_and_a_link_is_itself() -> None:
    sora = cell("sora-2", Mode.FIRST_FRAME)
    base = golden.request_of(golden.minimal_draft(sora), sora)
    uploaded = wire.encode(replace(base, references={"first_frame": (UPLOAD,)}), sora)
    assert uploaded.json["input_reference"] == AS_DATA_URL
    assert wire.encode(base, sora).json["input_reference"] == base.references["first_frame"][0].url


def test_form_parts_are_texts_and_files_in_order() -> None:
    grok = cell("grok-video-3", Mode.FIRST_LAST)
    other = replace(UPLOAD, name="last.png", digest="cd" * 32)
    base = request(grok, {"seconds": 6, "aspect_ratio": "3:2"})
    call = wire.encode(replace(base, references={"last_frame": (other,), "first_frame": (UPLOAD,)}), grok)
    assert call == Call(
        "POST", "/v1/videos", Body.FORM,
        form=(
            Part("model", "grok-video-3"), Part("prompt", golden.PROMPT), Part("seconds", "6"),
            Part("aspect_ratio", "3:2"), Part("input_reference", AS_FILE),
            Part("input_reference", replace(AS_FILE, name="last.png", digest="cd" * 32)),
        ),
    )  # fmt: skip


def test_a_form_that_switches_the_body_takes_metadata_as_json_text() -> None:
    kling = cell("Kling-3.0", Mode.FIRST_FRAME)
    base = request(kling, {"offpeak": "on", "audio": "off"}, note="grün")
    call = wire.encode(replace(base, references={"first_frame": (UPLOAD,)}), kling)
    assert (call.body, call.json) == (Body.FORM, None)
    parts = {part.name: part.value for part in call.form}
    text = parts["metadata"]
    assert isinstance(text, str) and "grün" in text
    assert json.loads(text) == {"output_config": {"audio_generation": "Disabled"}, "offpeak": True, "note": "grün"}
    assert parts["input_reference"] == AS_FILE


def test_the_prompt_goes_where_the_family_wants_it_and_empty_it_goes_nowhere() -> None:
    seedance = cell("doubao-seedance-2-0-260128", Mode.TEXT)
    base = golden.request_of(golden.minimal_draft(seedance), seedance)
    assert wire.encode(base, seedance).json["content"] == [{"type": "text", "text": golden.PROMPT}]
    assert "content" not in wire.encode(replace(base, prompt=""), seedance).json


def test_the_same_request_gives_the_same_call_and_stays_as_it_was() -> None:
    kling = cell("Kling-3.0", Mode.REFERENCES)
    asked = request(kling, {"resolution": "720P"}, output_config={"resolution": "1080P"}, tags=["a"])
    before = repr(asked)
    one, two = wire.encode(asked, kling), wire.encode(asked, kling)
    assert one == two
    one.json["metadata"]["output_config"]["resolution"] = "changed"
    one.json["images"].append("changed")
    assert wire.encode(asked, kling) == two
    assert repr(asked) == before


def test_a_reference_that_no_form_carries_is_a_programming_error() -> None:
    kling = cell("Kling-3.0", Mode.FIRST_LAST)
    base = golden.request_of(golden.minimal_draft(kling), kling)
    with pytest.raises(ValueError, match=r"last_frame cannot take my boat\.png"):
        wire.encode(replace(base, references={**base.references, "last_frame": (UPLOAD,)}), kling)


@pytest.mark.parametrize(
    ("placement", "value", "body"),
    [
        (Placement("prompt"), "x", {"prompt": "x"}),
        (Placement("a.b.c"), "x", {"a": {"b": {"c": "x"}}}),
        (Placement("a.items[]"), "x", {"a": {"items": ["x"]}}),
        (Placement("p", "json", template={"T": "{}"}), 'a "b" ü', {"p": '{"T":"a \\"b\\" ü"}'}),
        (Placement("p", template=["{}", {"k": ["{}", 1]}]), "x", {"p": ["x", {"k": ["x", 1]}]}),
        (Placement("p", template={"text": "say {}"}), "x", {"p": {"text": "say {}"}}),
    ],
)
def test_placements(placement: Placement, value: str, body: dict[str, Any]) -> None:
    text = cell("sora-2", Mode.TEXT)
    bare = replace(text, prompt_to=placement, parameters=())
    asked = replace(golden.request_of(golden.minimal_draft(text), text), prompt=value, values={})
    assert wire.encode(asked, bare).json == {"model": "sora-2", **body}


def test_another_name_of_the_model_is_sent_in_its_place() -> None:
    of = cell("Kling-3.0", Mode.TEXT)
    named = replace(request(of), sent_as="kling-3.0-720p-noref-mute")
    assert wire.encode(named, of).json["model"] == "kling-3.0-720p-noref-mute"
    assert wire.encode(request(of), of).json["model"] == "Kling-3.0"


def test_the_task_to_continue_is_quoted_in_the_path() -> None:
    found = golden.catalog().find("sora-2", "remix")
    assert found is not None
    of = found[0].cell("sora-2", Mode.TEXT, "remix")
    assert of is not None
    asked = replace(golden.request_of(golden.minimal_draft(of), of), source="video:5/../a b?c")
    assert wire.encode(asked, of).path == "/v1/videos/video:5%2F..%2Fa%20b%3Fc/remix"


def test_a_value_that_is_read_as_text_need_not_be_text() -> None:
    of = cell("Kling-3.0", Mode.TEXT)
    assert wire.encode(request(of, {"file_infos": 0}), of).json["metadata"]["file_infos"] == 0


# --- raw metadata ------------------------------------------------------------------------------------------------


def test_raw_metadata_is_merged_deep_and_wins_and_lists_are_replaced_whole() -> None:
    kling = cell("Kling-3.0", Mode.AVATAR)
    base = golden.full_draft(kling)
    raw = {
        "output_config": {"resolution": "540P", "duration": 5}, "file_infos": [{"Type": "Url"}], "offpeak": None,
        "extra": {"deep": [1]},
    }  # fmt: skip
    asked = golden.request_of(replace(base, values={"resolution": "720P", "audio": "on"}, metadata=raw), kling)
    assert wire.encode(asked, kling).json["metadata"] == {
        "output_config": {"resolution": "540P", "audio_generation": "Enabled", "duration": 5},
        "scene_type": "avatar_i2v", "file_infos": [{"Type": "Url"}], "offpeak": None, "extra": {"deep": [1]},
    }  # fmt: skip


def test_raw_metadata_in_a_form_without_metadata_is_a_part_of_its_own() -> None:
    grok = cell("grok-video-3", Mode.TEXT)
    call = wire.encode(request(grok, {}, mode="custom"), grok)
    assert call.form[-1] == Part("metadata", '{"mode": "custom"}')


# --- overlaps ----------------------------------------------------------------------------------------------------


def test_nothing_is_said_where_nothing_overlaps() -> None:
    kling = cell("Kling-3.0", Mode.TEXT)
    assert wire.find_overlaps(request(kling, {"seconds": 5, "resolution": "720P"}, extra=1), kling) == ()


def test_what_raw_metadata_replaces_is_named_with_both_values() -> None:
    kling = cell("Kling-3.0", Mode.MOTION_CONTROL)
    asked = request(
        kling, {"resolution": "720P", "motion_level": "std", "offpeak": "on"}, output_config={"resolution": "1080P"},
        motion_level="std", offpeak=False, scene_type={"a": 1},
    )  # fmt: skip
    assert wire.find_overlaps(asked, kling) == (
        Notice("metadata.output_config.resolution", "720P from the form → 1080P from the raw metadata."),
        Notice("metadata.offpeak", "true from the form → false from the raw metadata."),
        Notice("metadata.scene_type", 'motion_control from the form → {"a": 1} from the raw metadata.'),
    )


def test_a_long_replaced_value_is_shortened() -> None:
    kling = cell("Kling-3.0", Mode.TEXT)
    asked = request(kling, {"resolution": "720P"}, output_config={"resolution": "x" * 100})
    (notice,) = wire.find_overlaps(asked, kling)
    assert notice.what == f"720P from the form → {'x' * 59}… from the raw metadata."


@pytest.mark.parametrize(
    ("metadata", "losers"),
    [
        ({"seconds": 8}, "metadata.seconds (8)"),
        ({"duration": 8}, "metadata.duration (8)"),
        ({"video_duration": "8"}, "metadata.video_duration (8)"),
        ({"output_config": {"duration": 8}}, "metadata.output_config.duration (8)"),
        (
            {"output_config": {"duration": 9}, "seconds": 5, "video_duration": 8},
            "metadata.seconds (5), metadata.video_duration (8), metadata.output_config.duration (9)",
        ),
    ],
)
def test_the_length_of_the_form_comes_before_any_in_metadata(metadata: dict[str, Any], losers: str) -> None:
    kling = cell("Kling-3.0", Mode.TEXT)
    (notice,) = wire.find_overlaps(request(kling, {"seconds": 5}, **metadata), kling)
    assert notice == Notice("Duration", f"The gateway takes seconds (5) before {losers}.")


def test_the_same_length_twice_is_no_conflict_even_as_another_type() -> None:
    kling = cell("Kling-3.0", Mode.TEXT)
    assert wire.find_overlaps(request(kling, {"seconds": 5}, output_config={"duration": 5}), kling) == ()


def test_a_resolution_comes_before_a_size() -> None:
    kling = cell("Kling-3.0", Mode.TEXT)
    (notice,) = wire.find_overlaps(request(kling, {"size": "720x1280", "resolution": "1080P"}), kling)
    assert notice == Notice(
        "Resolution", "The gateway takes metadata.output_config.resolution (1080P) before size (720x1280)."
    )


def test_a_family_without_precedence_is_silent() -> None:
    sora = cell("sora-2", Mode.TEXT)
    assert wire.find_overlaps(request(sora, {"size": "1280x720", "resolution": "720P"}, seconds=9), sora) == ()


# --- a call for the socket, and for eyes -------------------------------------------------------------------------


def test_materialise_writes_every_blob_out_and_leaves_the_call_alone() -> None:
    tree = {"a": [AS_DATA_URL, {"b": AS_DATA_URL}], "n": 1, "t": ("x", None)}
    asked: list[str] = []

    def read(digest: str) -> bytes:
        asked.append(digest)
        return DATA

    url = f"data:image/png;base64,{base64.b64encode(DATA).decode()}"
    assert wire.materialise(tree, read) == {"a": [url, {"b": url}], "n": 1, "t": ["x", None]}
    assert asked == [UPLOAD.digest] * 2
    assert tree["a"] == [AS_DATA_URL, {"b": AS_DATA_URL}]


def test_abridged_names_the_file_and_its_size() -> None:
    big = replace(AS_DATA_URL, size=1_234_567)
    assert wire.abridge({"a": [big], "p": "x"}) == {
        "a": ["data:image/png;base64,… (my boat.png, 1,234,567 bytes)"], "p": "x",
    }  # fmt: skip
    assert wire.abridge(replace(big, bare=True)) == "… (my boat.png, 1,234,567 bytes)"


def test_part_facts() -> None:
    assert wire.describe_part(Part("prompt", "a\nb")) == {"name": "prompt", "value": "a\nb"}
    assert wire.describe_part(Part("input_reference", AS_FILE)) == {
        "name": "input_reference", "filename": "my boat.png", "content_type": "image/png", "size": len(DATA),
        "sha256": UPLOAD.digest,
    }  # fmt: skip


def test_an_upload_travels_as_our_own_link_where_only_links_are_taken() -> None:
    cell = load().families["vidu"].cell("Vidu-q3-pro", Mode.REFERENCES)
    assert cell is not None
    hosted = replace(UPLOAD, hosted="https://dailies.example/references/token")
    checked = draft.check(Draft("A boat", references={"references": (hosted,)}), cell)
    assert checked.request is not None
    assert wire.encode(checked.request, cell).json["images"] == ["https://dailies.example/references/token"]
    assert "is sent as a link: the gateway fetches my boat.png from this app." in [n.what for n in checked.notices]
