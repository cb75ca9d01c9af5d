"""The command line as a script uses it: the output on each stream, and the exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from dailies.cli import main
from dailies.vocabulary import Mode
from tests.unit import golden


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def problems(*arguments: str) -> list[dict[str, str]]:
    """The problems that `request` prints: alone, as JSON, on standard error, with exit code 2."""
    result = run("request", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    printed = json.loads(result.stderr)
    assert list(printed) == ["problems"]
    assert all(list(row) == ["where", "what", "fix"] for row in printed["problems"])
    return printed["problems"]


# --- models ------------------------------------------------------------------------------------------------------


def test_models_as_text_name_every_family_model_and_mode() -> None:
    result = run("models")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    catalog = golden.catalog()
    stated = [line.strip().partition("  (")[0] for line in lines if line.startswith("  ")]
    rows = {tuple(line.split(maxsplit=2)) for line in stated}
    assert rows == {
        (model.id, entry.id, ", ".join(family.modes(model.id, entry.id)))
        for family in catalog.families.values()
        for entry in family.entries
        for model in family.models[entry.id]
    }
    heads = [line for line in lines if not line.startswith("  ")]
    assert [head.split("  and any ")[0] for head in heads] == [family.title for family in catalog.families.values()]
    assert "Kling  and any Kling-*" in heads
    assert "Veo" in heads


def test_models_say_where_they_stand_in_their_life() -> None:
    lines = {line.split()[0]: line for line in run("models").stdout.splitlines() if line.startswith("  ")}
    assert lines["sora-2-2025-12-08"].endswith("(removed)")
    assert not lines["Hunyuan-1.5"].endswith(")")
    lives = {row["id"]: row["life"] for row in json.loads(run("models", "--json").stdout)}
    assert (lives["sora-2"]["state"], lives["sora-2"]["since"]) == ("removed", "2026-09-24")
    assert lives["sora-2"]["sources"][0]["address"].startswith("https://")
    assert lives["Mingmou-1.0"] is None


def test_models_as_json_hold_every_cell() -> None:
    result = run("models", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = {
        (row["family"], row["entry"], row["id"], cell["mode"]): (cell["support"], bool(cell["refused"]))
        for row in json.loads(result.stdout)
        for cell in row["modes"]
    }
    assert found == {
        (cell.family, cell.entry.id, cell.model.id, cell.mode.value): (cell.support.support.value, bool(cell.refused))
        for cell in golden.catalog().cells()
    }


def test_one_model_as_json() -> None:
    rows = {row["id"]: row for row in json.loads(run("models", "--json").stdout)}
    row = rows["Hailuo-2.3-fast"]
    modes = {cell["mode"]: cell for cell in row.pop("modes")}
    sources, life = row.pop("sources"), row.pop("life")
    assert (life["state"], life["successor"]) == ("superseded", "MiniMax-H3")
    assert row == {
        "id": "Hailuo-2.3-fast", "family": "hailuo", "entry": "openai", "status": "current", "note": "",
        "checked": "2026-11-21", "path": "/v1/videos",
    }  # fmt: skip
    assert sources == [
        {
            "id": "support-matrix", "title": "Video Model Support Matrix", "publisher": "OctopusX", "kind": "founding",
            "address": "https://docs.octopusx.ai/en/videos/model-matrix", "where": "Family-by-Family Notes",
        },
        {
            "id": "minimax-image-to-video", "title": "MiniMax API: image to video", "publisher": "MiniMax",
            "kind": "vendor", "address": "https://platform.minimax.io/docs/api-reference/video-generation-i2v",
            "where": "",
        },
    ]  # fmt: skip
    frame = modes["first_frame"]
    seconds, *_ = frame.pop("parameters")
    assert seconds.pop("note")
    cited = ["minimax-image-to-video", "tencent-vod-create-aigc-video", "domestic-models"]
    assert [source["id"] for source in seconds.pop("sources")] == cited
    assert seconds == {
        "id": "seconds", "takes": "6 or 10 s", "choices": [6, 10], "minimum": None, "maximum": None, "fixed": None,
        "default": 6, "free": False, "required": False,
    }  # fmt: skip
    assert frame == {
        "mode": "first_frame", "support": "supported", "note": "Supported", "refused": "",
        "content_type": "application/json",
        "slots": [
            {
                "id": "first_frame", "kind": "image", "minimum": 1, "maximum": 1,
                "note": "The output follows the image's shape.", "takes": ["url", "file"],
            },
        ],
    }  # fmt: skip


# --- request -----------------------------------------------------------------------------------------------------


def test_a_request_is_one_object_on_standard_output() -> None:
    result = run("request", "sora-2", "--prompt", "größer")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "method": "POST", "path": "/v1/videos", "content_type": "application/json",
        "json": {"model": "sora-2", "prompt": "größer", "seconds": "4"}, "notices": [],
    }  # fmt: skip
    assert "größer" in result.stdout


def test_notices_are_part_of_the_object() -> None:
    result = run("request", "grok-video-3-max", "--prompt", "x", "--param", "seconds=6")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["notices"] == [
        {"where": "Duration", "what": "6 s → 15 s: set by grok-video-3-max."}
    ]


def test_a_value_may_hold_an_equals_sign() -> None:
    result = run("request", "sora-2", "--prompt", "x", "--param", "character_url=https://media.example/a?b=c")
    assert json.loads(result.stdout)["json"]["character_url"] == "https://media.example/a?b=c"


def test_a_typed_model_is_sent_as_typed() -> None:
    result = run("request", "Kling-9-ultra", "--prompt", "x")
    assert json.loads(result.stdout)["json"]["model"] == "Kling-9-ultra"


def test_the_entry_may_be_named() -> None:
    assert run("request", "sora-2", "--entry", "openai", "--prompt", "x").exit_code == 0


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dailies", "request", "sora-2"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(done.stderr)["problems"][0]["where"] == "Prompt"


# --- problems ----------------------------------------------------------------------------------------------------


def test_every_problem_of_a_draft_is_printed() -> None:
    assert problems("Hailuo-2.3", "--mode", "first_frame", "--param", "seconds=7") == [
        {"where": "Prompt", "what": "is empty", "fix": "Describe the clip in a sentence or two."},
        {"where": "Duration", "what": "7 s is not accepted by Hailuo-2.3", "fix": "Choose 6 or 10 s."},
        {
            "where": "First frame",
            "what": "needs an image",
            "fix": "Drop or browse for a file, or paste a link. The output follows the image's shape.",
        },
    ]


MODES = ", ".join(Mode)
PAIR = "Write NAME=VALUE, for example seconds=8."
OBJECT = 'Write a JSON object, for example {"offpeak": true}.'


@pytest.mark.parametrize(
    ("arguments", "where", "what", "fix"),
    [
        (
            ("sorra", "--entry", "unified"),
            "model", "sorra is unknown at entry unified", "See `dailies models`.",
        ),
        (("",), "model", " is unknown", "See `dailies models`."),
        (
            ("sora-2", "--entry", "official"),
            "model", "sora-2 is unknown at entry official", "See `dailies models`.",
        ),
        (("sora-2", "--mode", "words"), "--mode", "words is not a mode", f"Choose one of {MODES}."),
        (
            ("sora-2", "--mode", "lip_sync"),
            "--mode", "sora-2 has no mode lip_sync", "Choose one of text, first_frame, first_last, references.",
        ),
        (("Vidu-template",), "--mode", "Vidu-template has no mode text", "Choose one of template."),
        (("sora-2", "--param", "seconds"), "--param seconds", "is not a parameter", PAIR),
        (("sora-2", "--param", "=8"), "--param =8", "is not a parameter", PAIR),
        (
            ("sora-2", "--param", "speed=8"),
            "speed", "is not a parameter of sora-2 in mode text",
            "Leave it out. Parameters here: seconds, aspect_ratio, resolution, size, audio, character_url,"
            " character_timestamps.",
        ),
        (("sora-2", "--metadata", "{"), "--metadata", "cannot be read: Expecting property name", OBJECT),
        (("sora-2", "--metadata", "[1]"), "--metadata", "cannot be read: it is not a JSON object", OBJECT),
        (("sora-2", "--metadata", '{"a": NaN}'), "--metadata", "cannot be read: NaN is not a JSON value", OBJECT),
    ],
)  # fmt: skip
def test_bad_arguments(arguments: tuple[str, ...], where: str, what: str, fix: str) -> None:
    (problem,) = problems(*arguments, "--prompt", "x")
    assert (problem["where"], problem["fix"]) == (where, fix)
    assert problem["what"].startswith(what)


@pytest.mark.parametrize("pair", ["first_frame", "picture=a.png", "=a.png", "first-frame=a.png"])
def test_a_reference_without_a_slot_we_know(pair: str) -> None:
    (problem,) = problems("sora-2", "--mode", "first_frame", "--prompt", "x", "--ref", pair)
    assert (problem["where"], problem["what"]) == (f"--ref {pair}", "names no slot")
    assert "first_frame, last_frame, references" in problem["fix"]


@pytest.mark.parametrize(
    ("value", "what", "fix"),
    [
        ("missing.png", "missing.png cannot be read: No such file or directory", "Give an existing file or a link."),
        (".", ". cannot be read: Is a directory", "Give an existing file or a link."),
        (
            "javascript:alert(1)",
            "javascript:alert(1) cannot be read: No such file or directory",
            "Give an existing file",
        ),
        (
            "file:///etc/hostname",
            "file:///etc/hostname is not a web address",
            "Paste a link that begins with https://.",
        ),
        ("ftp://a/b.png", "ftp://a/b.png is not a web address", "Paste a link that begins with https://."),
        ("notes.png", "notes.png is text, not a picture, video or sound", "Choose a JPEG, PNG"),
        ("empty.png", "empty.png is empty", "Choose another file."),
        ("", " cannot be read: Is a directory", "Give an existing file or a link."),
    ],
)
def test_a_reference_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, what: str, fix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.png").write_text("dear diary")
    Path("empty.png").write_bytes(b"")
    (problem,) = problems("sora-2", "--mode", "first_frame", "--prompt", "x", "--ref", f"first_frame={value}")
    assert problem["where"] == "--ref first_frame"
    assert problem["what"].startswith(what)
    assert problem["fix"].startswith(fix)


def test_an_upload_outside_its_limits(tmp_path: Path) -> None:
    path = tmp_path / "tiny.png"
    Image.new("RGB", (900, 200)).save(path)
    found = problems(
        "doubao-seedance-1-5-pro_720p", "--mode", "first_frame", "--prompt", "x", "--ref", f"first_frame={path}"
    )
    assert [(row["where"], row["what"]) for row in found] == [
        ("First frame", "tiny.png is 900×200 px; each side needs at least 300 px"),
        ("First frame", "tiny.png is 900×200 px; the width may be at most 2.5 times the height"),
    ]


@pytest.mark.parametrize("again", ["seconds=8", "duration=8"])
def test_a_value_given_twice_is_not_settled_in_silence(again: str) -> None:
    found = problems("doubao-seedance-2-0-260128", "--prompt", "x", "--param", "seconds=5", "--param", again)
    assert [row["what"] for row in found] == ["is given twice"]


def test_unknown_options_are_click_s_own_error() -> None:
    result = run("request", "sora-2", "--colour", "red")
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search(r"No such option.*--colour", result.stderr)


def test_generate_refuses_the_same_way_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def opened() -> Any:
        raise AssertionError("the store was opened for a request that has problems")

    monkeypatch.setattr("dailies.cli.generate.open_services", opened)
    result = run("generate", "sora-2", "--prompt", "", "-o", str(tmp_path / "a.mp4"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert [row["where"] for row in json.loads(result.stderr)["problems"]] == ["Prompt"]
    assert list(tmp_path.iterdir()) == []
