"""The documented request bodies, built by the command line from what a person would type, compared whole.

The four domestic examples are the Scenario Examples of the domestic models page, the third with the first frame that
the upstream requires. The rest are the documented request fields, spelled out.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from dailies.cli import main

FIRST = "https://example.com/first.png"
LAST = "https://example.com/last.png"
THIRD = "https://example.com/third.png"
CHARACTER = "https://example.com/character.png"
FORM_LINK = "is documented as a file; the link is sent as text."


def printed(*arguments: str) -> Any:
    """The object that `request` prints; fails with the problems where it prints none."""
    result = CliRunner().invoke(main, ["request", *arguments])
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return json.loads(result.stdout)


def posted(body: dict[str, Any], *notices: tuple[str, str], path: str = "/v1/videos") -> dict[str, Any]:
    """What is to be printed for a JSON body."""
    shown = {"method": "POST", "path": path, "content_type": "application/json", "json": body}
    return shown | {"notices": [{"where": where, "what": what} for where, what in notices]}


def form(parts: list[dict[str, Any]], *notices: tuple[str, str]) -> dict[str, Any]:
    shown = {"method": "POST", "path": "/v1/videos", "content_type": "multipart/form-data", "form": parts}
    return shown | {"notices": [{"where": where, "what": what} for where, what in notices]}


def text(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value}


def picture(folder: Path, name: str, *, shade: int = 0) -> Path:
    path = folder / name
    Image.new("RGB", (1280, 720), (shade, 90, 160)).save(path)
    return path


def file(name: str, path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {
        "name": name, "filename": path.name, "content_type": "image/png", "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip


# --- the scenario examples of the domestic models page -------------------------------------------------------------


def test_domestic_1_text() -> None:
    prompt = "Cyberpunk city night scene, the camera slowly pushes in"
    assert printed(
        "Kling-3.0-Omni", "--prompt", prompt, "--param", "seconds=5", "--param", "resolution=720P",
        "--param", "aspect_ratio=16:9",
    ) == posted(
        {
            "model": "Kling-3.0-Omni", "prompt": prompt, "seconds": "5",
            "metadata": {"output_config": {"resolution": "720P", "aspect_ratio": "16:9"}},
        }
    )  # fmt: skip


def test_domestic_2_first_frame() -> None:
    prompt = "Make the character walk forward and smile"
    assert printed(
        "viduq3-pro", "--mode", "first_frame", "--prompt", prompt, "--param", "seconds=5",
        "--param", "resolution=1080P", "--param", "aspect_ratio=9:16", "--ref", f"first_frame={CHARACTER}",
    ) == posted(
        {
            "model": "viduq3-pro", "prompt": prompt, "image": CHARACTER, "seconds": "5",
            "metadata": {"output_config": {"resolution": "1080P", "aspect_ratio": "9:16"}},
        }
    )  # fmt: skip


def test_domestic_3_first_and_last_frame() -> None:
    prompt = "In a dead-quiet system space, the character is illuminated by a blue panel"
    last = "https://example.com/last-frame.png"
    body = printed(
        "Kling-3.0-Omni", "--mode", "first_last", "--prompt", prompt, "--param", "seconds=15",
        "--param", "size=720x1280", "--param", "resolution=720P", "--param", "aspect_ratio=9:16",
        "--param", "audio=on", "--ref", f"first_frame={FIRST}", "--ref", f"last_frame={last}",
        "--metadata", '{"output_config": {"duration": 15}}',
    )  # fmt: skip
    assert body == posted(
        {
            "model": "Kling-3.0-Omni", "prompt": prompt, "image": FIRST, "seconds": "15", "size": "720x1280",
            "metadata": {
                "output_config": {
                    "duration": 15, "resolution": "720P", "aspect_ratio": "9:16", "audio_generation": "Enabled",
                },
                "last_frame_url": last,
            },
        },
        (
            "Resolution",
            "The gateway takes metadata.output_config.resolution (720P) before size (720x1280).",
        ),
    )  # fmt: skip
    assert isinstance(body["json"]["seconds"], str)
    assert type(body["json"]["metadata"]["output_config"]["duration"]) is int


def test_domestic_4_motion_control() -> None:
    assert printed(
        "Kling-3.0-Omni", "--mode", "motion_control", "--prompt", "The character waves hello",
        "--param", "seconds=5", "--param", "motion_level=pro", "--param", "resolution=1080P",
        "--param", "aspect_ratio=16:9", "--ref", f"first_frame={CHARACTER}",
    ) == posted(
        {
            "model": "Kling-3.0-Omni", "prompt": "The character waves hello", "image": CHARACTER, "seconds": "5",
            "metadata": {
                "scene_type": "motion_control", "motion_level": "pro",
                "output_config": {"resolution": "1080P", "aspect_ratio": "16:9"},
            },
        }
    )  # fmt: skip


# --- the domestic family beyond its examples ---------------------------------------------------------------------


def test_domestic_upload_becomes_a_form_with_metadata_as_text(tmp_path: Path) -> None:
    path = picture(tmp_path, "actor.png")
    shown = printed(
        "Kling-3.0-Omni", "--mode", "motion_control", "--prompt", "The character waves hello",
        "--param", "motion_level=pro", "--param", "audio=off", "--param", "offpeak=on",
        "--ref", f"first_frame={path}", "--ref", "video=https://example.com/dance.mp4",
    )  # fmt: skip
    metadata = {
        "output_config": {"audio_generation": "Disabled"}, "motion_level": "pro", "offpeak": True,
        "scene_type": "motion_control", "video_url": "https://example.com/dance.mp4",
    }  # fmt: skip
    position = next(n for n, part in enumerate(shown["form"]) if part["name"] == "metadata")
    assert json.loads(shown["form"][position]["value"]) == metadata
    shown["form"][position]["value"] = "metadata"
    assert shown == form(
        [
            text("model", "Kling-3.0-Omni"), text("prompt", "The character waves hello"),
            file("input_reference", path), text("seconds", "5"), text("metadata", "metadata"),
        ],
        ("First frame", "turns the whole request into a multipart form: actor.png is sent as a file."),
    )  # fmt: skip


def test_domestic_lip_sync_and_template() -> None:
    lip_sync = printed(
        "kling-identify-face", "--mode", "lip_sync", "--prompt", "hello", "--ref", "video=https://example.com/v.mp4",
        "--ref", "audio=https://example.com/a.mp3",
    )  # fmt: skip
    sound = {"Type": "Url", "Category": "Audio", "Url": "https://example.com/a.mp3"}
    assert lip_sync == posted(
        {
            "model": "kling-identify-face", "prompt": "hello", "seconds": "5",
            "metadata": {
                "scene_type": "lip_sync", "video_url": "https://example.com/v.mp4", "file_infos": [sound],
            },
        }
    )  # fmt: skip
    template = printed(
        "Vidu-template", "--mode", "template", "--prompt", "a hug", "--param", "template_name=morphlab",
        "--ref", f"first_frame={FIRST}",
    )  # fmt: skip
    assert template == posted(
        {
            "model": "Vidu-template", "prompt": "a hug", "seconds": "5", "image": FIRST,
            "metadata": {
                "scene_type": "template_effect", "ext_info": '{"AdditionalParameters":{"template":"morphlab"}}',
            },
        }
    )  # fmt: skip


def test_vidu_references_and_off_peak() -> None:
    assert printed(
        "Vidu-q3-pro", "--mode", "references", "--prompt", "they meet", "--param", "offpeak=on",
        "--param", "audio=on", "--ref", f"references={FIRST}", "--ref", f"references={LAST}",
    ) == posted(
        {
            "model": "Vidu-q3-pro", "prompt": "they meet", "seconds": "5", "images": [FIRST, LAST],
            "metadata": {"output_config": {"audio_generation": "Enabled"}, "offpeak": True},
        }
    )  # fmt: skip


def test_vidu_first_and_last_frame() -> None:
    assert printed(
        "Vidu-q3-turbo", "--mode", "first_last", "--prompt", "dawn", "--param", "seconds=8",
        "--ref", f"first_frame={FIRST}", "--ref", f"last_frame={LAST}",
    ) == posted(
        {
            "model": "Vidu-q3-turbo", "prompt": "dawn", "seconds": "8", "image": FIRST,
            "metadata": {"last_frame_url": LAST},
        }
    )  # fmt: skip


def test_hailuo_text_and_first_frame() -> None:
    assert printed("Hailuo-2.3", "--prompt", "[Push in] a reef", "--param", "resolution=1080P") == posted(
        {
            "model": "Hailuo-2.3", "prompt": "[Push in] a reef", "seconds": "6",
            "metadata": {"output_config": {"resolution": "1080P"}},
        }
    )  # fmt: skip
    assert printed(
        "Hailuo-2.3-fast", "--mode", "first_frame", "--prompt", "a reef", "--param", "seconds=10",
        "--param", "resolution=768P", "--ref", f"first_frame={FIRST}",
    ) == posted(
        {
            "model": "Hailuo-2.3-fast", "prompt": "a reef", "seconds": "10", "image": FIRST,
            "metadata": {"output_config": {"resolution": "768P"}},
        }
    )  # fmt: skip


# --- Sora, Veo ---------------------------------------------------------------------------------------------------


def test_sora_first_frame_by_link() -> None:
    assert printed(
        "sora-2", "--mode", "first_frame", "--prompt", "a paper boat", "--param", "seconds=8",
        "--param", "size=1280x720", "--param", "aspect_ratio=16:9", "--param", "resolution=720P",
        "--param", "audio=on", "--ref", f"first_frame={FIRST}",
    ) == posted(
        {
            "model": "sora-2", "prompt": "a paper boat", "seconds": "8", "size": "1280x720", "input_reference": FIRST,
            "metadata": {
                "output_config": {"aspect_ratio": "16:9", "resolution": "720P", "audio_generation": "Enabled"},
            },
        }
    )  # fmt: skip


def test_sora_first_frame_by_upload_is_a_data_url(tmp_path: Path) -> None:
    path = picture(tmp_path, "boat.png")
    encoded = base64.b64encode(path.read_bytes()).decode()
    shown = printed("sora-2", "--mode", "first_frame", "--prompt", "a paper boat", "--ref", f"first_frame={path}")
    assert shown == posted(
        {
            "model": "sora-2", "prompt": "a paper boat", "seconds": "4",
            "input_reference": f"data:image/png;base64,{encoded}",
        }
    )  # fmt: skip


def test_veo_text_with_every_field() -> None:
    assert printed(
        "veo_3_1", "--prompt", "mist over a lake", "--param", "size=1280x720", "--param", "resolution=1080P",
        "--param", "aspect_ratio=16:9", "--param", "audio=off", "--param", "upsample=on",
    ) == posted(
        {
            "model": "veo_3_1", "prompt": "mist over a lake", "seconds": "8", "size": "1280x720",
            "enable_upsample": True,
            "metadata": {
                "output_config": {"resolution": "1080P", "aspect_ratio": "16:9", "audio_generation": "Disabled"},
            },
        }
    )  # fmt: skip


def test_veo_first_and_last_frame_are_an_array_of_two() -> None:
    assert printed(
        "veo_3_1-fast", "--mode", "first_last", "--prompt", "mist", "--param", "seconds=8",
        "--ref", f"last_frame={LAST}", "--ref", f"first_frame={FIRST}",
    ) == posted(
        {"model": "veo_3_1-fast", "prompt": "mist", "seconds": "8", "input_reference": [FIRST, LAST]}
    )  # fmt: skip


def test_veo_references_are_an_array_of_three_in_landscape() -> None:
    assert printed(
        "veo_3_1", "--mode", "references", "--prompt", "mist", "--ref", f"references={FIRST}",
        "--ref", f"references={LAST}", "--ref", f"references={THIRD}",
    ) == posted(
        {
            "model": "veo_3_1", "prompt": "mist", "seconds": "8", "input_reference": [FIRST, LAST, THIRD],
            "metadata": {"output_config": {"aspect_ratio": "16:9"}},
        }
    )  # fmt: skip


# --- multipart families ------------------------------------------------------------------------------------------


def test_grok_references_repeat_one_part(tmp_path: Path) -> None:
    paths = [picture(tmp_path, f"{n}.png", shade=n) for n in (1, 2, 3)]
    assert printed(
        "grok-video-3", "--mode", "references", "--prompt", "rain on a tin roof", "--param", "seconds=6",
        "--param", "aspect_ratio=3:2", "--param", "resolution=720P",
        *(argument for path in paths for argument in ("--ref", f"references={path}")),
    ) == form(
        [
            text("model", "grok-video-3"), text("prompt", "rain on a tin roof"), text("seconds", "6"),
            text("aspect_ratio", "3:2"), text("size", "720P"), *(file("input_reference", path) for path in paths),
        ]
    )  # fmt: skip


def test_grok_frame_and_references_send_the_frame_first_and_the_fixed_length(tmp_path: Path) -> None:
    frame, one, two = (picture(tmp_path, f"{name}.png", shade=n) for n, name in enumerate(("frame", "one", "two")))
    assert printed(
        "grok-video-3-max", "--mode", "first_frame_references", "--prompt", "rain", "--ref", f"references={one}",
        "--ref", f"references={two}", "--ref", f"first_frame={frame}",
    ) == form(
        [
            text("model", "grok-video-3-max"), text("prompt", "rain"), text("seconds", "15"),
            file("input_reference", frame), file("input_reference", one), file("input_reference", two),
        ]
    )  # fmt: skip


def test_grok_first_and_last_by_link_say_that_the_form_is_for_files() -> None:
    assert printed(
        "grok-video-3-pro", "--mode", "first_last", "--prompt", "rain", "--ref", f"first_frame={FIRST}",
        "--ref", f"last_frame={LAST}",
    ) == form(
        [
            text("model", "grok-video-3-pro"), text("prompt", "rain"), text("seconds", "10"),
            text("input_reference", FIRST), text("input_reference", LAST),
        ],
        ("First frame", FORM_LINK),
        ("Last frame", FORM_LINK),
    )  # fmt: skip


def test_jimeng_form(tmp_path: Path) -> None:
    path = picture(tmp_path, "garden.png")
    assert printed(
        "jimeng-video-3.0", "--mode", "first_frame", "--prompt", "a garden", "--param", "seconds=10",
        "--param", "size=720x1280", "--ref", f"first_frame={path}",
    ) == form(
        [
            text("model", "jimeng-video-3.0"), text("prompt", "a garden"), text("seconds", "10"),
            text("size", "720x1280"), file("input_reference", path),
        ]
    )  # fmt: skip


def test_doubao_form_has_a_part_for_each_frame(tmp_path: Path) -> None:
    first, last = picture(tmp_path, "a.png"), picture(tmp_path, "b.png", shade=200)
    assert printed(
        "doubao-seedance-1-5-pro_720p", "--mode", "first_last", "--prompt", "blossom", "--param", "seconds=11",
        "--param", "aspect_ratio=adaptive", "--ref", f"first_frame={first}", "--ref", f"last_frame={last}",
    ) == form(
        [
            text("model", "doubao-seedance-1-5-pro_720p"), text("prompt", "blossom"), text("seconds", "11"),
            text("size", "adaptive"), file("first_frame_image", first), file("last_frame_image", last),
        ]
    )  # fmt: skip


# --- Seedance 2, wan ---------------------------------------------------------------------------------------------


def item(kind: str, url: str, role: str) -> dict[str, Any]:
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url}, "role": role}


def test_seedance_2_references_are_items_with_roles() -> None:
    prompt = "the dancer of image 1 moves like video 1, in time with audio 1"
    body = printed(
        "doubao-seedance-2-0-260128", "--mode", "references", "--prompt", prompt, "--param", "seconds=8",
        "--param", "aspect_ratio=16:9", "--param", "resolution=720p", "--param", "audio=on",
        "--param", "watermark=off", "--ref", "references=asset://asset-20260101-dancer",
        "--ref", "reference_videos=https://media.example/ref/walk.mp4",
        "--ref", "reference_audios=https://media.example/ref/beat.mp3",
    )  # fmt: skip
    assert body == posted(
        {
            "model": "doubao-seedance-2-0-260128",
            "content": [
                {"type": "text", "text": prompt},
                item("image", "asset://asset-20260101-dancer", "reference_image"),
                item("video", "https://media.example/ref/walk.mp4", "reference_video"),
                item("audio", "https://media.example/ref/beat.mp3", "reference_audio"),
            ],
            "metadata": {
                "duration": 8, "ratio": "16:9", "resolution": "720p", "generate_audio": True, "watermark": False,
            },
        },
        path="/v1/video/generations",
    )  # fmt: skip
    assert type(body["json"]["metadata"]["duration"]) is int


def test_seedance_2_frames_by_upload_and_link(tmp_path: Path) -> None:
    path = picture(tmp_path, "first.png")
    encoded = base64.b64encode(path.read_bytes()).decode()
    assert printed(
        "doubao-seedance-2-0-fast-260128", "--mode", "first_last", "--prompt", "bloom",
        "--param", "duration=4", "--param", "seed=4294967295", "--param", "return_last_frame=on",
        "--param", "execution_expires_after=3600", "--ref", f"first_frame={path}", "--ref", f"last_frame={LAST}",
    ) == posted(
        {
            "model": "doubao-seedance-2-0-fast-260128",
            "content": [
                {"type": "text", "text": "bloom"},
                item("image", f"data:image/png;base64,{encoded}", "first_frame"),
                item("image", LAST, "last_frame"),
            ],
            "metadata": {
                "duration": 4, "seed": 4294967295, "return_last_frame": True, "execution_expires_after": 3600,
            },
        },
        path="/v1/video/generations",
    )  # fmt: skip


@pytest.mark.parametrize("model", ["wan2.6-t2v:1280*720", "wan2.6-t2v:1920*1080"])
def test_wan_text(model: str) -> None:
    assert printed(
        model, "--prompt", "a heron", "--param", "seconds=10", "--param", "audio=off", "--param", "seed=7",
        "--param", "negative_prompt=fog", "--param", "prompt_extend=on", "--param", "shot_type=multi",
    ) == posted(
        {
            "model": model, "prompt": "a heron", "seconds": "10",
            "metadata": {
                "parameters": {"audio": False, "seed": 7, "prompt_extend": True, "shot_type": "multi"},
                "input": {"negative_prompt": "fog"},
            },
        }
    )  # fmt: skip


def test_wan_first_frame_and_frames() -> None:
    assert printed(
        "wan2.6-i2v:1280*720", "--mode", "first_frame", "--prompt", "a heron", "--ref", f"first_frame={FIRST}"
    ) == posted({"model": "wan2.6-i2v:1280*720", "prompt": "a heron", "seconds": "5", "input_reference": FIRST})
    assert printed(
        "wan2.6-i2v:1920*1080", "--mode", "first_last", "--prompt", "a heron", "--ref", f"first_frame={FIRST}",
        "--ref", f"last_frame={LAST}",
    ) == posted(
        {
            "model": "wan2.6-i2v:1920*1080", "prompt": "a heron", "seconds": "5",
            "metadata": {"input": {"first_frame_url": FIRST, "last_frame_url": LAST}},
        }
    )  # fmt: skip


# --- unified video -----------------------------------------------------------------------------------------------

CREATE = "/v1/video/create"


def data_url(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def refused(*arguments: str) -> list[str]:
    """What `request` says is wrong, as `where: what`."""
    result = CliRunner().invoke(main, ["request", *arguments])
    assert result.exit_code == 2, result.stdout
    return [f"{row['where']}: {row['what']}" for row in json.loads(result.stderr)["problems"]]


def test_sora_unified_text_sends_all_eight_fields() -> None:
    assert printed("sora-2", "--entry", "unified", "--prompt", "a paper boat") == posted(
        {
            "model": "sora-2", "prompt": "a paper boat", "images": [], "orientation": "landscape", "size": "small",
            "duration": 10, "watermark": True, "private": False,
        },
        path=CREATE,
    )  # fmt: skip


def test_sora_unified_picture_with_every_field() -> None:
    body = printed(
        "sora_video2", "--entry", "unified", "--mode", "first_frame", "--prompt", "a paper boat",
        "--param", "seconds=15", "--param", "orientation=portrait", "--param", "size=large", "--param", "watermark=off",
        "--param", "private=on", "--param", "style=comic", "--param", "storyboard=on", "--ref", f"first_frame={FIRST}",
    )  # fmt: skip
    assert body == posted(
        {
            "model": "sora_video2", "prompt": "a paper boat", "images": [FIRST], "orientation": "portrait",
            "size": "large", "duration": 15, "watermark": False, "private": True, "style": "comic", "storyboard": True,
        },
        path=CREATE,
    )  # fmt: skip
    assert type(body["json"]["duration"]) is int
    longest = ("--entry", "unified", "--prompt", "x", "--param", "seconds=25")
    assert printed("sora-2-pro", *longest)["json"]["duration"] == 25
    assert refused("sora-2", *longest) == ["Duration: 25 s is not accepted by sora-2"]


def test_sora_unified_upload_and_raw_fields_stand_in_the_body_itself(tmp_path: Path) -> None:
    path = picture(tmp_path, "boat.png")
    assert printed(
        "sora-2", "--entry", "unified", "--mode", "references", "--prompt", "a paper boat",
        "--ref", f"references={path}", "--ref", f"references={FIRST}", "--metadata", '{"character_url": "https://x.example/c"}',
    ) == posted(
        {
            "model": "sora-2", "prompt": "a paper boat", "images": [data_url(path), FIRST], "orientation": "landscape",
            "size": "small", "duration": 10, "watermark": True, "private": False,
            "character_url": "https://x.example/c",
        },
        path=CREATE,
    )  # fmt: skip


def test_veo_unified() -> None:
    model = "veo3.1-fast-components"
    assert printed(
        model, "--entry", "unified", "--prompt", "mist", "--param", "orientation=landscape", "--param", "size=1280x720",
        "--param", "aspect_ratio=16:9", "--param", "upsample=on",
    ) == posted(
        {
            "model": model, "prompt": "mist", "images": [], "orientation": "landscape", "size": "1280x720",
            "duration": 8, "aspect_ratio": "16:9", "enable_upsample": True,
        },
        path=CREATE,
    )  # fmt: skip
    assert printed(
        model, "--mode", "first_last", "--prompt", "mist", "--ref", f"last_frame={LAST}",
        "--ref", f"first_frame={FIRST}",
    ) == posted({"model": model, "prompt": "mist", "duration": 8, "images": [FIRST, LAST]}, path=CREATE)  # fmt: skip
    portrait = ("--param", "upsample=on", "--param", "orientation=portrait")
    assert refused(model, "--prompt", "mist", *portrait) == [
        "Orientation: portrait: Upsampling is available for landscape only",
        "Size: 720x1280 unless chosen: Upsampling is available for landscape only",
    ]  # fmt: skip


def test_grok_unified() -> None:
    assert printed("grok-video-3", "--entry", "unified", "--prompt", "rain --mode=custom") == posted(
        {"model": "grok-video-3", "prompt": "rain --mode=custom", "images": [], "duration": 10}, path=CREATE
    )
    assert printed(
        "grok-video-3", "--entry", "unified", "--mode", "references", "--prompt", "@img1 meets @img2",
        "--param", "seconds=6", "--param", "aspect_ratio=3:2", "--param", "resolution=720P",
        "--ref", f"references={FIRST}", "--ref", f"references={LAST}", "--ref", f"references={THIRD}",
    ) == posted(
        {
            "model": "grok-video-3", "prompt": "@img1 meets @img2", "images": [FIRST, LAST, THIRD], "duration": 6,
            "aspect_ratio": "3:2", "size": "720P",
        },
        path=CREATE,
    )  # fmt: skip
    assert printed("grok-video-3-max", "--entry", "unified", "--prompt", "rain")["json"]["duration"] == 15


def test_vidu_unified_upload_is_bare_base64(tmp_path: Path) -> None:
    path = picture(tmp_path, "hare.png")
    assert printed(
        "viduq2-pro", "--entry", "unified", "--mode", "first_frame", "--prompt", "a hare",
        "--param", "seconds=8", "--param", "resolution=1080p", "--param", "aspect_ratio=4:3", "--param", "seed=7",
        "--param", "audio=on", "--param", "voice_id=v-1", "--param", "is_rec=off", "--param", "bgm=on",
        "--param", "off_peak=on", "--param", "watermark=on", "--param", "wm_position=1",
        "--param", "wm_url=https://x.example/m.png", "--param", "payload=p", "--param", 'meta_data={"a":1}',
        "--ref", f"first_frame={path}",
    ) == posted(
        {
            "model": "viduq2-pro", "prompt": "a hare", "images": [base64.b64encode(path.read_bytes()).decode()],
            "duration": 8, "resolution": "1080p", "aspect_ratio": "4:3", "seed": 7, "audio": True, "voice_id": "v-1",
            "is_rec": False, "bgm": True, "off_peak": True, "watermark": True, "wm_position": 1,
            "wm_url": "https://x.example/m.png", "payload": "p", "meta_data": '{"a":1}',
        },
        path=CREATE,
    )  # fmt: skip


def test_vidu_unified_text_and_frames() -> None:
    assert printed("viduq1-classic", "--prompt", "a hare") == posted(
        {"model": "viduq1-classic", "prompt": "a hare", "images": [], "duration": 5, "resolution": "1080p"}, path=CREATE
    )
    assert printed(
        "vidu2.0", "--entry", "unified", "--mode", "first_last", "--prompt", "a hare", "--ref", f"first_frame={FIRST}",
        "--ref", f"last_frame={LAST}",
    ) == posted(
        {"model": "vidu2.0", "prompt": "a hare", "images": [FIRST, LAST], "duration": 4}, path=CREATE
    )  # fmt: skip
    eight = ("--param", "seconds=8", "--param", "resolution=1080p")
    assert refused("vidu2.0", "--prompt", "x", *eight) == ["Resolution: 1080p: 8 s are made at 720p only"]


def test_jimeng_unified() -> None:
    assert printed("jimeng-video-3.0", "--entry", "unified", "--prompt", "a garden") == posted(
        {"model": "jimeng-video-3.0", "prompt": "a garden", "images": [], "duration": 5}, path=CREATE
    )
    assert printed(
        "jimeng-video-2.0", "--entry", "unified", "--mode", "first_last", "--prompt", "a garden",
        "--param", "seconds=10", "--param", "aspect_ratio=21:9", "--param", "resolution=1080P",
        "--ref", f"first_frame={FIRST}", "--ref", f"last_frame={LAST}",
    ) == posted(
        {
            "model": "jimeng-video-2.0", "prompt": "a garden", "images": [FIRST, LAST], "duration": 10,
            "aspect_ratio": "21:9", "size": "1080P",
        },
        path=CREATE,
    )  # fmt: skip


# --- the vendors' own formats ------------------------------------------------------------------------------------


def test_vidu_multipart(tmp_path: Path) -> None:
    path = picture(tmp_path, "hare.png")
    assert printed(
        "viduq3-pro", "--entry", "multipart", "--mode", "first_frame", "--prompt", "a hare", "--param", "seconds=5",
        "--param", "resolution=720p", "--param", "audio=on", "--param", "off_peak=off", "--param", "seed=0",
        "--param", "watermark_position=top right", "--ref", f"first_frame={path}",
    ) == form(
        [
            text("model", "viduq3-pro"), text("prompt", "a hare"), text("duration", "5"), text("resolution", "720p"),
            text("audio", "true"), text("off_peak", "false"), text("seed", "0"), text("wm_position", "2"),
            file("images", path),
        ]
    )  # fmt: skip


def test_vidu_official_text_with_every_field() -> None:
    assert printed(
        "viduq1", "--entry", "official", "--prompt", "a hare", "--param", "aspect_ratio=1:1", "--param", "style=anime",
        "--param", "seed=3", "--param", "audio=off", "--param", "bgm=on", "--param", "off_peak=on",
        "--param", "watermark=on", "--param", "wm_position=4", "--param", "movement_amplitude=small",
    ) == posted(
        {
            "model": "viduq1", "prompt": "a hare", "duration": 5, "resolution": "1080p", "aspect_ratio": "1:1",
            "style": "anime", "seed": 3, "audio": False, "bgm": True, "off_peak": True, "watermark": True,
            "wm_position": 4, "movement_amplitude": "small",
        },
        path="/vidu/ent/v2/text2video",
    )  # fmt: skip


def test_vidu_official_pictures_need_no_prompt(tmp_path: Path) -> None:
    path = picture(tmp_path, "hare.png")
    assert printed(
        "viduq2-turbo", "--entry", "official", "--mode", "first_frame", "--param", "is_rec=on", "--param", "voice=v-1",
        "--ref", f"first_frame={path}",
    ) == posted(
        {
            "model": "viduq2-turbo", "images": [data_url(path)], "duration": 5, "is_rec": True, "voice_id": "v-1",
        },
        path="/vidu/ent/v2/img2video",
    )  # fmt: skip
    assert printed(
        "viduq3-pro", "--entry", "official", "--mode", "first_last", "--prompt", "a hare", "--param", "seconds=16",
        "--ref", f"first_frame={FIRST}", "--ref", f"last_frame={LAST}",
    ) == posted(
        {"model": "viduq3-pro", "prompt": "a hare", "images": [FIRST, LAST], "duration": 16},
        path="/vidu/ent/v2/start-end2video",
    )  # fmt: skip


def test_vidu_official_references_are_numbered_subjects() -> None:
    assert printed(
        "viduq2-pro", "--entry", "official", "--mode", "references", "--prompt", "@1 meets @2",
        "--ref", f"references={FIRST}", "--ref", f"references={LAST}",
    ) == posted(
        {
            "model": "viduq2-pro", "prompt": "@1 meets @2", "duration": 5,
            "subjects": [{"id": "1", "images": [FIRST]}, {"id": "2", "images": [LAST]}],
        },
        path="/vidu/ent/v2/reference2video",
    )  # fmt: skip
    assert refused(
        "viduq2-pro", "--entry", "official", "--mode", "references", "--ref", f"references={FIRST}"
    ) == ["Prompt: is empty"]  # fmt: skip


def test_kling_official_text_with_every_field() -> None:
    body = printed(
        "kling-v1-6", "--prompt", "a crane", "--param", "negative_prompt=fog", "--param", "cfg_scale=0.5",
        "--param", "mode=pro", "--param", "seconds=10", "--param", "aspect_ratio=9:16", "--param", "camera=simple",
        "--param", "camera_zoom=-4", "--param", "camera_pan=2", "--param", "watermark=off",
        "--param", "callback_url=https://x.example/h", "--param", "external_task_id=mine-1",
    )  # fmt: skip
    assert body == posted(
        {
            "model_name": "kling-v1-6", "prompt": "a crane", "negative_prompt": "fog", "cfg_scale": 0.5, "mode": "pro",
            "duration": "10", "aspect_ratio": "9:16",
            "camera_control": {"type": "simple", "config": {"pan": 2, "zoom": -4}},
            "watermark_info": {"enabled": False}, "callback_url": "https://x.example/h", "external_task_id": "mine-1",
        },
        path="/kling/v1/videos/text2video",
    )  # fmt: skip
    assert printed("kling-v1", "--prompt", "x", "--param", "cfg_scale=1")["json"]["cfg_scale"] == 1.0
    assert refused("kling-v1", "--prompt", "x", "--param", "cfg_scale=2") == [
        "Prompt strength: 2 is not accepted by kling-v1"
    ]


def test_kling_official_frames_are_links_or_bare_base64(tmp_path: Path) -> None:
    path = picture(tmp_path, "crane.png")
    assert printed(
        "kling-v2-6", "--mode", "first_last", "--param", "sound=on", "--ref", f"first_frame={path}",
        "--ref", f"last_frame={LAST}",
    ) == posted(
        {
            "model_name": "kling-v2-6", "duration": "5", "sound": "on", "image_tail": LAST,
            "image": base64.b64encode(path.read_bytes()).decode(),
        },
        path="/kling/v1/videos/image2video",
    )  # fmt: skip


def test_kling_official_motion_brush_excludes_the_camera() -> None:
    masks = [{"mask": "https://x.example/m.png", "trajectories": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}]
    brush = (
        "kling-v1", "--mode", "first_frame", "--prompt", "a crane", "--ref", f"first_frame={FIRST}",
        "--param", "static_mask=https://x.example/s.png", "--param", f"dynamic_masks={json.dumps(masks)}",
    )  # fmt: skip
    assert printed(*brush) == posted(
        {
            "model_name": "kling-v1", "prompt": "a crane", "duration": "5", "image": FIRST,
            "static_mask": "https://x.example/s.png", "dynamic_masks": masks,
        },
        path="/kling/v1/videos/image2video",
    )  # fmt: skip
    assert [line.split(":")[0] for line in refused(*brush, "--param", "camera=down_back")] == [
        "Static mask", "Dynamic masks",
    ]  # fmt: skip


def test_kling_official_shots() -> None:
    assert printed(
        "kling-v3", "--prompt", "a crane", "--param", "seconds=5", "--param", "shots=2 s: it lands\n3 s: it fishes",
    ) == posted(
        {
            "model_name": "kling-v3", "prompt": "a crane", "duration": "5", "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [
                {"index": 1, "prompt": "it lands", "duration": "2"},
                {"index": 2, "prompt": "it fishes", "duration": "3"},
            ],
        },
        path="/kling/v1/videos/text2video",
    )  # fmt: skip
    raw = '{"multi_shot": true, "shot_type": "intelligence"}'
    body = printed("kling-v3-omni", "--prompt", "a crane", "--metadata", raw)["json"]
    assert body == {
        "model_name": "kling-v3-omni", "prompt": "a crane", "duration": "5", "multi_shot": True,
        "shot_type": "intelligence",
    }  # fmt: skip


def test_kling_domestic_shots_and_native_files() -> None:
    files = [{"Type": "Url", "Category": "Image", "Url": FIRST, "Usage": "Reference"}]
    shots = [{"index": 1, "prompt": "it lands", "duration": "2"}, {"index": 2, "prompt": "it fishes", "duration": "3"}]
    extras = {"AdditionalParameters": {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots}}
    body = printed(
        "Kling-3.0", "--prompt", "a crane", "--param", "shots=2 s: it lands\n3 s: it fishes",
        "--param", f"file_infos={json.dumps(files)}",
    )["json"]  # fmt: skip
    assert json.loads(body["metadata"].pop("ext_info")) == extras
    assert body == {
        "model": "Kling-3.0", "prompt": "a crane", "seconds": "5", "metadata": {"file_infos": files},
    }  # fmt: skip


def test_jimeng_over_the_doubao_channel(tmp_path: Path) -> None:
    first, last = picture(tmp_path, "a.png"), picture(tmp_path, "b.png", shade=200)
    model = "doubao-seedance-1-5-pro_720p"
    assert printed(
        model, "--entry", "doubao", "--mode", "first_last", "--prompt", "a garden", "--param", "seconds=8",
        "--param", "aspect_ratio=adaptive", "--ref", f"first_frame={first}", "--ref", f"last_frame={last}",
    ) == form(
        [
            text("model", model), text("prompt", "a garden"), text("seconds", "8"), text("size", "adaptive"),
            file("first_frame_image", first), file("last_frame_image", last),
        ]
    )  # fmt: skip


def test_grok_imagine_is_json(tmp_path: Path) -> None:
    model, path = "grok-imagine-video", picture(tmp_path, "roof.png")
    assert printed(model, "--prompt", "rain", "--param", "seconds=12", "--param", "aspect_ratio=19.5:9") == posted(
        {"model": model, "prompt": "rain", "seconds": "12", "aspect_ratio": "19.5:9", "resolution": "720P"}
    )
    assert printed(
        model, "--mode", "first_frame", "--prompt", "rain", "--param", "resolution=480P", "--ref", f"first_frame={path}"
    ) == posted(
        {
            "model": model, "prompt": "rain", "seconds": "6", "aspect_ratio": "16:9", "resolution": "480P",
            "image": data_url(path),
        }
    )  # fmt: skip
    several = printed(
        "grok-imagine-video-1.5-preview", "--mode", "references", "--prompt", "rain", "--ref", f"references={path}",
        "--ref", f"references={path}",
    )  # fmt: skip
    assert several["json"]["images"] == [data_url(path)] * 2


def test_seedance_2_further_options() -> None:
    model = "doubao-seedance-2-0-260128"
    assert printed(
        model, "--prompt", "a dancer", "--param", "service_tier=default", "--param", "web_search=on",
        "--param", "callback_url=https://x.example/h",
    ) == posted(
        {
            "model": model, "content": [{"type": "text", "text": "a dancer"}],
            "metadata": {
                "duration": 5, "service_tier": "default", "tools": [{"type": "web_search"}],
                "callback_url": "https://x.example/h",
            },
        },
        path="/v1/video/generations",
    )  # fmt: skip
    options = ("--param", "frames=57", "--param", "camera_fixed=on", "--param", "draft=on")
    assert [line.split(":")[0] for line in refused(model, "--prompt", "a dancer", *options)] == [
        "Fixed camera", "Frames", "Draft",
    ]  # fmt: skip


# --- after a clip ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (("sora-2", "--entry", "remix", "--source", "video_5e1f"), "/v1/videos/video_5e1f/remix", {"model": "sora-2"}),
        (
            ("sora-2", "--entry", "extensions", "--source", "video_5e1f", "--param", "seconds=20"),
            "/v1/videos/extensions", {"model": "sora-2", "seconds": "20", "video": {"id": "video_5e1f"}},
        ),
        (
            ("veo_3_1-extend", "--entry", "remix", "--source", "video_8c2a"),
            "/v1/videos/video_8c2a/remix", {"model": "veo_3_1-extend"},
        ),
        (
            (
                "grok-video-3", "--entry", "remix", "--source", "grok:0b6c", "--param", "resolution=1080P",
                "--param", "aspect_ratio=2:3", "--param", "parent_post_id=p-1",
            ),
            "/v1/videos/grok:0b6c/remix",
            {"model": "grok-video-3", "size": "1080P", "aspect_ratio": "2:3", "parent_post_id": "p-1"},
        ),
        (
            ("grok-video-3", "--entry", "unified-remix", "--source", "grok:0b6c", "--param", "aspect_ratio=1:1"),
            "/v1/video/remix",
            {"model": "grok-video-3", "task_id": "grok:0b6c", "size": "720P", "aspect_ratio": "1:1"},
        ),
        (
            (
                "grok-video-3", "--entry", "extend", "--source", "grok:0b6c", "--param", "resolution=720P",
                "--param", "aspect_ratio=3:2", "--param", "start_time=4", "--param", "upscale=on",
                "--ref", f"references={FIRST}",
            ),
            "/v1/videos/grok:0b6c/extend",
            {
                "model": "grok-video-3", "size": "720P", "aspect_ratio": "3:2", "start_time": 4, "upscale": True,
                "images": [FIRST],
            },
        ),
        (
            ("grok-video-3", "--entry", "unified-extend", "--source", "grok:0b6c", "--param", "start_time=0"),
            "/v1/video/extend", {"model": "grok-video-3", "task_id": "grok:0b6c", "start_time": 0},
        ),
        (
            ("grok-video-3", "--entry", "extensions", "--source", "grok:0b6c", "--param", "start_time=6"),
            "/v1/videos/extensions",
            {"model": "grok-video-3", "start_time": 6, "duration": 10, "video": {"url": "grok:0b6c"}},
        ),
    ],
)  # fmt: skip
def test_what_goes_on_from_a_task(arguments: tuple[str, ...], path: str, body: dict[str, Any]) -> None:
    assert printed(*arguments, "--prompt", "and then it snows") == posted(
        body | {"prompt": "and then it snows"}, path=path
    )


def test_what_goes_on_from_a_task_needs_one() -> None:
    assert refused("sora-2", "--entry", "remix", "--prompt", "snow") == ["Source: is missing"]
    assert refused("grok-video-3", "--entry", "remix", "--prompt", "snow", "--source", "grok:0b6c") == [
        "Aspect ratio: is missing"
    ]


# --- any model ---------------------------------------------------------------------------------------------------


def test_a_name_that_nobody_knows_goes_in_openais_own_form(tmp_path: Path) -> None:
    path = picture(tmp_path, "boat.png")
    unknown = ("Model", "No family of the catalog knows new-model-9; it is sent as typed.")
    assert printed("new-model-9", "--prompt", "a boat") == form(
        [text("model", "new-model-9"), text("prompt", "a boat")], unknown
    )
    shown = printed(
        "new-model-9", "--mode", "first_frame", "--prompt", "a boat", "--param", "seconds=20", "--param", "size=1x1",
        "--metadata", '{"style": "ink", "seed": 7, "metadata": {"a": true}}', "--ref", f"first_frame={path}",
    )  # fmt: skip
    assert shown["form"] == [
        text("model", "new-model-9"), text("prompt", "a boat"), text("seconds", "20"), text("size", "1x1"),
        file("input_reference", path), text("style", "ink"), text("seed", "7"), text("metadata", '{"a": true}'),
    ]  # fmt: skip


@pytest.mark.parametrize("linked", [True, False])
def test_a_name_that_nobody_knows_goes_in_json_with_its_picture_in_an_object(tmp_path: Path, linked: bool) -> None:
    path = picture(tmp_path, "boat.png")
    held, sent = (FIRST, FIRST) if linked else (str(path), data_url(path))
    shown = printed(
        "new-model-9", "--entry", "json", "--mode", "first_frame", "--prompt", "a boat", "--metadata", '{"seed": 7}',
        "--ref", f"first_frame={held}",
    )  # fmt: skip
    assert shown["json"] == {
        "model": "new-model-9", "prompt": "a boat", "input_reference": {"image_url": sent}, "seed": 7,
    }  # fmt: skip


def test_sora_goes_in_a_form_with_its_metadata_as_text(tmp_path: Path) -> None:
    paths = [picture(tmp_path, f"{shade}.png", shade=shade) for shade in (1, 2)]
    shown = printed(
        "sora-2", "--entry", "multipart", "--mode", "first_last", "--prompt", "a boat", "--param", "audio=on",
        "--ref", f"first_frame={paths[0]}", "--ref", f"last_frame={paths[1]}",
    )  # fmt: skip
    assert shown["form"] == [
        text("model", "sora-2"), text("prompt", "a boat"), text("seconds", "4"),
        text("metadata", '{"output_config": {"audio_generation": "Enabled"}}'),
        file("input_reference", paths[0]), file("input_reference", paths[1]),
    ]  # fmt: skip


def test_omni() -> None:
    """The examples of the gateway's pages, key by key."""
    words = "Ocean waves gently rolling onto a sandy beach at golden hour, cinematic, warm sunlight"
    options = ("--param", "aspect_ratio=16:9", "--param", "resolution=720p")
    assert printed("omni-fast", "--prompt", words, *options) == posted(
        {"model": "omni-fast", "prompt": words, "seconds": "8", "aspect_ratio": "16:9", "resolution": "720p"}
    )
    video = "https://example.com/source.mp4"
    edit = ("omni-fast-v2v", "--mode", "references", "--prompt", "Add rain", *options)
    body = {"model": "omni-fast-v2v", "prompt": "Add rain", "video": video, "seconds": "8", "aspect_ratio": "16:9"}
    assert printed(*edit, "--ref", f"reference_videos={video}") == posted({**body, "resolution": "720p"})
    frames = ("--mode", "first_last", "--ref", f"first_frame={FIRST}", "--ref", f"last_frame={LAST}")
    assert printed("omni-fast", "--prompt", "mist", *frames) == posted(
        {"model": "omni-fast", "prompt": "mist", "first_image_url": FIRST, "last_image_url": LAST, "seconds": "8"}
    )
    assert refused("omni-fast-v2v", "--mode", "references", "--prompt", "x", "--ref", f"references={FIRST}") == [
        "Reference videos: needs a video"
    ]
