"""What each family accepts and refuses."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sandbox.body import Body
from sandbox.order import Order, Shot
from sandbox.refusal import Refusal
from sandbox.rules import accept
from tests.sandbox.conftest import Api, picture

URL = "https://media.example/a.png"
TWO = [URL, "https://media.example/b.png"]
PNG = picture("red")


def order(route: str = "videos", kind: Any = "json", **body: Any) -> Order:
    return accept(route, Body(kind, {"prompt": "a boat", **body}))[1]


def several(*shots: Any, **more: Any) -> dict[str, Any]:
    """Return a `metadata` with several shots in `ext_info`."""
    extras = {"multi_shot": True, "shot_type": "customize", "multi_prompt": [*shots], **more}
    return {"ext_info": json.dumps({"AdditionalParameters": extras})}


def config(**values: Any) -> dict[str, Any]:
    return {"output_config": values}


def seedance(*content: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    text = {"type": "text", "text": "a boat"}
    return {"model": "doubao-seedance-2-0-260128", "content": [text, *content], "metadata": metadata}


def media(kind: str, role: str, url: str = URL) -> dict[str, Any]:
    return {"type": kind, kind: {"url": url}, "role": role}


KLING = "Kling-3.0-Omni"
AUDIO = [{"Type": "Url", "Category": "Audio", "Url": "https://media.example/a.mp3"}]
TEMPLATE = '{"AdditionalParameters": {"template": "morphlab"}}'
SHOTS = [{"index": 1, "prompt": "a boat", "duration": 2}, {"index": 2, "prompt": "a shore", "duration": 3}]
MOTION, AVATAR = "kling-2.6-motion-pro-1080p", "kling-avatar-720p"
REF, OFFPEAK = "kling-3.0-omni-1080p-ref-audio", "vidu-q2-pro-reference-1080p-offpeak"
IMAGINE = {"model": "grok-imagine-video", "seconds": "6", "aspect_ratio": "16:9", "resolution": "480P"}
I2V, T2V = "wan2.6-i2v:1280*720", "wan2.6-t2v:1920*1080"

ACCEPTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"model": "sora-2"}, {"mode": "text", "seconds": 4, "width": 720, "height": 1280, "audio": False}),
    ({"model": "sora-2", "seconds": 15, "size": "1280x720", "metadata": config(audio_generation="Enabled")},
     {"seconds": 15, "width": 1280, "audio": True}),
    ({"model": "sora-2", "metadata": config(aspect_ratio="16:9", resolution="720P")}, {"width": 1280, "height": 720}),
    ({"model": "sora-2-pro", "size": "1792x1024", "input_reference": TWO}, {"mode": "first_last", "width": 1792}),
    ({"model": "sora-2-2025-12-08", "input_reference": {"image_url": URL}}, {"mode": "first_frame"}),
    ({"model": "sora_video2", "input_reference": [URL] * 3}, {"mode": "references"}),
    ({"model": "veo_3_1"}, {"seconds": 8, "ratio": "16:9", "width": 1280}),
    ({"model": "veo_3_1-fast", "seconds": "6", "input_reference": URL, "size": "720x1280"},
     {"mode": "first_frame", "height": 1280}),
    ({"model": "veo_3_1", "input_reference": [URL] * 3, "metadata": config(aspect_ratio="9:16", resolution="1080P")},
     {"mode": "references", "ratio": "16:9", "width": 1920}),
    ({"model": KLING}, {"mode": "text", "seconds": 5, "width": 1280, "audio": False, "follow": False}),
    ({"model": KLING, "seconds": "15", "size": "720x1280",
      "metadata": {"last_frame_url": URL, "output_config": {"duration": 15, "resolution": "720P",
                                                            "aspect_ratio": "9:16", "audio_generation": "Enabled"}}},
     {"mode": "first_last", "seconds": 15, "width": 720, "height": 1280, "audio": True}),
    ({"model": "viduq3-pro", "image": URL, "seconds": "5", "metadata": config(resolution="1080P", aspect_ratio="9:16")},
     {"mode": "first_frame", "resolution": "1080P", "follow": True, "audio": True}),
    ({"model": KLING, "image": URL, "metadata": {"scene_type": "motion_control", "motion_level": "pro"}},
     {"mode": "motion_control", "notes": ("motion pro",)}),
    ({"model": KLING, "image": URL, "metadata": {"scene_type": "avatar_i2v", "file_infos": AUDIO}},
     {"mode": "avatar", "audio": True}),
    ({"model": "Kling-2.6", "metadata": {"scene_type": "lip_sync", "video_url": URL, "file_infos": AUDIO}},
     {"mode": "lip_sync"}),
    ({"model": "Vidu-template", "image": URL, "metadata": {"scene_type": "template_effect", "ext_info": TEMPLATE}},
     {"mode": "template", "notes": ("template morphlab",)}),
    ({"model": "Kling-2.5", "images": TWO, "prompt": ""}, {"mode": "references"}),
    ({"model": "kling-2.6-motion-pro-1080p", "image": URL}, {"mode": "motion_control", "resolution": "1080P"}),
    ({"model": "sv-1.5-pro-1080p-audio"}, {"audio": True, "resolution": "1080P"}),
    ({"model": KLING, "metadata": several(*SHOTS)}, {"shots": (Shot("a boat", 2), Shot("a shore", 3)), "mode": "text"}),
    ({"model": "Kling-3.0", "seconds": "6", "metadata": {**several(*SHOTS[:1], {**SHOTS[1], "duration": 4})}},
     {"seconds": 6}),
    ({"model": MOTION, "image": URL, "metadata": {"scene_type": "motion_control", "motion_level": "pro"}},
     {"mode": "motion_control", "notes": ("motion pro",), "resolution": "1080P"}),
    ({"model": AVATAR, "image": URL, "metadata": {"scene_type": "avatar_i2v", "file_infos": AUDIO}},
     {"mode": "avatar", "resolution": "720P"}),
    ({"model": AVATAR, "image": URL, "metadata": {"file_infos": json.dumps(AUDIO)}}, {"mode": "avatar"}),
    ({"model": REF, "image": URL}, {"mode": "first_frame", "audio": True, "resolution": "1080P", "echo_model": REF}),
    ({"model": OFFPEAK, "images": TWO}, {"mode": "references", "resolution": "1080P", "notes": ("off-peak",)}),
    ({"model": "kling-identify-face", "metadata": {"video_url": URL, "file_infos": AUDIO}}, {"mode": "lip_sync"}),
    (IMAGINE, {"mode": "text", "seconds": 6, "width": 854, "height": 480, "echo_size": "480P"}),
    ({**IMAGINE, "resolution": "720", "aspect_ratio": "19.5:9", "seconds": 15, "image": URL},
     {"mode": "first_frame", "width": 1560, "echo_size": "720P"}),
    ({**IMAGINE, "model": "grok-imagine-video-1.5-preview", "images": ["data:image/png;base64,AA=="] * 7,
      "seconds": "10"},
     {"mode": "references", "seconds": 10}),
    ({"model": "Kling-9.9-next", "seconds": "3"}, {"seconds": 3}),
    ({"model": "GV-3.1"}, {"seconds": 8}),
    ({"model": "OS-2.0"}, {"seconds": 8}),
    ({"model": "Hailuo-2.3"}, {"seconds": 6, "resolution": "768P", "height": 768}),
    ({"model": "Hailuo-2.3", "seconds": "6", "metadata": config(resolution="1080p")}, {"resolution": "1080P"}),
    ({"model": KLING, "seconds": "7", "duration": 9, "metadata": {"duration": 11}}, {"seconds": 7}),
    ({"model": KLING, "duration": "9", "metadata": {"duration": 11}}, {"seconds": 9}),
    ({"model": KLING, "metadata": {"video_duration": 12, "output_config": {"duration": 4}}}, {"seconds": 12}),
    ({"model": KLING, "metadata": config(duration=4)}, {"seconds": 4}),
    ({"model": KLING, "size": "1080x1920", "metadata": config(resolution="720P")}, {"width": 720, "height": 1280}),
    ({"model": KLING, "size": "1080x1920"}, {"width": 1080, "height": 1920}),
    ({"model": "jimeng-video-3.0", "images": TWO, "seconds": "10"}, {"mode": "references", "width": 720}),
    ({"model": T2V, "size": "1080*1920"}, {"width": 1080, "height": 1920, "audio": True, "mode": "text"}),
    ({"model": I2V, "input_reference": URL, "metadata": {"parameters": {"audio": False, "seed": 7}}},
     {"mode": "first_frame", "audio": False, "seed": 7, "follow": True}),
    ({"model": I2V, "metadata": {"input": {"first_frame_url": URL, "last_frame_url": URL}}}, {"mode": "first_last"}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), ACCEPTED, ids=[str(n) for n in range(len(ACCEPTED))])
def test_a_json_body_becomes_an_order(body: dict[str, Any], expected: dict[str, Any]) -> None:
    found = order(**body)
    assert {name: getattr(found, name) for name in expected} == expected


FORMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"model": "grok-video-3", "seconds": "6", "aspect_ratio": "2:3", "size": "1080P"},
     {"seconds": 6, "width": 1080, "height": 1620}),
    ({"model": "grok-video-3-pro", "seconds": "6"}, {"seconds": 10}),
    ({"model": "grok-video-3-max"}, {"seconds": 15}),
    ({"model": "grok-video-3", "input_reference": [PNG, PNG]}, {"mode": "first_last", "follow": True}),
    ({"model": "grok-video-3", "input_reference": [PNG, URL, PNG]}, {"mode": "first_frame_references"}),
    ({"model": "jimeng-video-3.0", "seconds": "5", "size": "1280x720", "input_reference": PNG},
     {"mode": "first_frame", "width": 1280}),
    ({"model": "jimeng-video-2.0", "input_reference": [PNG, PNG]}, {"mode": "first_last", "height": 1280}),
    ({"model": "doubao-seedance-1-5-pro_480p", "seconds": "4", "size": "21:9"}, {"height": 480, "audio": True}),
    ({"model": "doubao-seedance-1-0-pro_720p", "first_frame_image": PNG, "last_frame_image": PNG},
     {"mode": "first_last", "follow": True, "audio": False}),
    ({"model": "Kling-3.0", "input_reference": PNG, "metadata": '{"output_config": {"resolution": "1080P"}}'},
     {"mode": "first_frame", "resolution": "1080P"}),
    ({"model": "viduq3-pro", "duration": "2", "resolution": "540p", "aspect_ratio": "3:4", "audio": "false"},
     {"seconds": 2, "width": 540, "height": 720, "audio": False}),
    ({"model": "sora-2", "seconds": "8", "input_reference": PNG}, {"mode": "first_frame", "seconds": 8}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), FORMS, ids=[str(n) for n in range(len(FORMS))])
def test_a_form_becomes_an_order(body: dict[str, Any], expected: dict[str, Any]) -> None:
    found = order(kind="form", **body)
    assert {name: getattr(found, name) for name in expected} == expected


def test_seedance_content_becomes_an_order() -> None:
    body = seedance(media("image_url", "reference_image", "asset://asset-1"), media("audio_url", "reference_audio"),
                    duration=-1, ratio="adaptive", return_last_frame=True)  # fmt: skip
    found = accept("generations", Body("json", body))[1]
    assert (found.mode, found.seconds, found.audio, found.keep_last_frame) == ("references", 5, True, True)
    assert [s.kind for s in found.sources] == ["image", "audio"]
    assert accept("generations", Body("json", seedance(seed=-1)))[1].seed is None
    assert accept("generations", Body("json", seedance(seed=7)))[1].seed == 7


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model": "sora-2", "colour": "red"}, "colour: unknown field"),
    ({"model": "sora-2", "metadata": config(fps=30)}, "metadata.output_config.fps: unknown field"),
    ({"model": "sora-2", "size": "1920x1080"}, "allowed: 720x1280, 1280x720"),
    ({"model": "sora-2", "seconds": "5"}, "seconds: 5"),
    ({"model": "sora-2", "seconds": True}, "seconds: must be a whole number"),
    ({"model": "sora-2", "input_reference": "ftp://x/y.png"}, "input_reference: must be"),
    ({"model": "sora-2", "input_reference": "data:image/png;base64,AAAA"}, "cannot be read as image"),
    ({"model": "sora-2", "prompt": "  "}, "prompt is required"),
    ({"model": "veo_3_1", "seconds": 5}, "allowed: 4, 6, 8"),
    ({"model": "omni-fast", "seconds": "3"}, "allowed: 4-30"),
    ({"model": "omni-fast", "images": [URL] * 6}, "at most 5"),
    ({"model": "omni-fast", "video": URL}, "use omni-fast-v2v"),
    ({"model": "omni-fast", "last_image_url": URL}, "last_image_url needs first_image_url"),
    ({"model": "omni-fast", "first_image_url": URL, "images": [URL]}, "does not go together with references"),
    ({"model": "veo_3_1", "metadata": config(aspect_ratio="1:1")}, "allowed: 16:9, 9:16"),
    ({"model": "grok-video-3"}, "takes multipart/form-data"),
    ({"model": KLING, "seconds": "16"}, "allowed: 3-15"),
    ({"model": "Kling-2.6", "seconds": "3"}, "allowed: 5-10"),
    ({"model": KLING, "metadata": {"lastframe": URL}}, "metadata.lastframe: unknown field"),
    ({"model": KLING, "metadata": config(resolution="4K")}, "allowed: 720P, 1080P"),
    ({"model": KLING, "metadata": config(audio_generation=True)}, "audio_generation: must be one string"),
    ({"model": KLING, "image": "data:image/png;base64,AAAA"}, "image: must be an http(s) URL"),
    ({"model": KLING, "image": URL, "images": TWO}, "do not go together"),
    ({"model": KLING, "images": [URL] * 8}, "at most 7"),
    ({"model": KLING, "prompt": "x", "metadata": {"scene_type": "motion_control"}}, "image: motion_control needs"),
    ({"model": KLING, "image": URL, "prompt": "", "metadata": {"scene_type": "avatar_i2v"}}, "Category Audio"),
    ({"model": KLING, "metadata": {"scene_type": "lip_sync", "file_infos": AUDIO}}, "lip_sync needs"),
    ({"model": KLING, "image": URL, "metadata": {"scene_type": "template_effect"}}, "metadata.ext_info"),
    ({"model": "Vidu-q3-pro", "image": URL, "metadata": {"scene_type": "avatar_i2v"}}, "does not support avatar_i2v"),
    ({"model": "GV-3.1", "seconds": "5"}, "allowed: 8"),
    ({"model": "OS-2.0", "metadata": config(resolution="1080P")}, "allowed: 720P"),
    ({"model": "Hailuo-2.3", "seconds": "5"}, "allowed: 6, 10"),
    ({"model": "Hailuo-2.3", "seconds": "10", "metadata": config(resolution="1080P")}, "with 6 s only"),
    ({"model": "jimeng-video-3.0", "metadata": {"video_url": URL}}, "takes no reference video"),
    ({"model": "jimeng-video-3.0", "seconds": "6"}, "allowed: 5, 10, 15"),
    ({"model": "jimeng-video-3.0", "size": "1920x1080"}, "allowed: 720x1280, 1280x720"),
    ({"model": "doubao-seedance-1-5-pro_720p"}, "takes multipart/form-data"),
    ({"model": KLING, "metadata": several()}, "0 shots; allowed: 1-6"),
    ({"model": KLING, "metadata": several(*SHOTS * 4)}, "8 shots; allowed: 1-6"),
    ({"model": KLING, "seconds": "6", "metadata": several(*SHOTS)}, "add up to 5 s, but the film has 6 s"),
    ({"model": KLING, "metadata": several({**SHOTS[0], "prompt": "x" * 513})}, "[0].prompt: 513 characters"),
    ({"model": KLING, "metadata": several({**SHOTS[0], "duration": 0})}, "at least 1 s"),
    ({"model": KLING, "metadata": several({**SHOTS[0], "colour": "red"})}, "multi_prompt[0].colour: unknown field"),
    ({"model": KLING, "metadata": several(*SHOTS, shot_type="free")}, "shot_type: 'free' is not allowed"),
    ({"model": KLING, "metadata": several(*SHOTS, multi_shot=False)}, "multi_shot: must be true"),
    ({"model": KLING, "metadata": {**several(*SHOTS), "video_url": URL}}, "together with a reference video"),
    ({"model": "Kling-2.6", "metadata": several(*SHOTS)}, "Kling-2.6 renders one shot"),
    ({"model": REF}, "needs a reference input"),
    ({"model": OFFPEAK}, "needs a reference input"),
    ({"model": REF, "image": URL, "metadata": config(resolution="720P")}, "implies 1080P, not 720P"),
    ({"model": REF, "image": URL, "metadata": config(audio_generation="Disabled")}, "implies True, not False"),
    ({"model": MOTION, "image": URL, "metadata": {"motion_level": "std"}}, "implies pro, not std"),
    ({"model": AVATAR, "image": URL, "metadata": {"scene_type": "motion_control"}}, "implies avatar_i2v"),
    ({k: v for k, v in IMAGINE.items() if k != "seconds"}, "seconds: seconds is required"),
    ({k: v for k, v in IMAGINE.items() if k != "resolution"}, "resolution: resolution is required"),
    ({**IMAGINE, "size": "720P"}, "size: unknown field"),
    ({**IMAGINE, "resolution": "1080P"}, "allowed: 480P, 720P, 480, 720"),
    ({**IMAGINE, "aspect_ratio": "wide"}, "is not a ratio"),
    ({**IMAGINE, "seconds": "16"}, "allowed: 1-15"),
    ({**IMAGINE, "seconds": "11", "images": [URL]}, "allowed: 1-10"),
    ({**IMAGINE, "image": URL, "images": [URL]}, "does not go together with image"),
    ({**IMAGINE, "prompt": "x" * 4097}, "prompt: 4097 characters"),
    ({"model": T2V, "image": URL}, "takes no image"),
    ({"model": I2V}, "needs an image"),
    ({"model": T2V, "size": "1280*720"}, "outside the tier"),
    ({"model": T2V, "size": "1920x1080"}, "such as 1280*720"),
    ({"model": T2V, "seconds": "16"}, "allowed: 2-15"),
    ({"model": "doubao-seedance-2-0-260128"}, "POST /v1/video/generations"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_refusal_names_the_field(api: Api, body: dict[str, Any], words: str) -> None:
    answer = api.post("/v1/videos", json={"prompt": "a boat", **body})
    found = answer.json()
    assert answer.status_code == 400, found
    assert words in found["message"]
    assert found["data"] is None
    assert found["code"] in ("invalid_request", "invalid_size")


REFUSED_FORMS: list[tuple[dict[str, Any], list[tuple[str, Any]], str]] = [
    ({"model": "grok-video-3"}, [("image", PNG)], "image: unknown field"),
    ({"model": "grok-video-3", "aspect_ratio": "4:3"}, [], "allowed: 16:9, 9:16, 2:3, 3:2, 1:1"),
    ({"model": "grok-video-3"}, [("input_reference", b"no picture")], "cannot be read as image"),
    ({"model": "doubao-seedance-1-5-pro_720p"}, [("last_frame_image", PNG)], "needs first_frame_image"),
    ({"model": "doubao-seedance-1-5-pro_720p"}, [("input_reference", PNG)], "input_reference: unknown field"),
    ({"model": "doubao-seedance-1-5-pro_720p", "seconds": "12"}, [], "allowed: 4-11"),
    ({"model": "doubao-seedance-1-5-pro_720p", "size": "1280x720"}, [], "allowed: 16:9, 4:3"),
    ({"model": "jimeng-video-3.0"}, [("input_reference", PNG)] * 3, "at most 2"),
    ({"model": "Kling-3.0"}, [("input_reference", PNG)] * 2, "at most 1"),
    ({"model": T2V}, [("input_reference", PNG)], "takes application/json"),
]


@pytest.mark.parametrize(("fields", "files", "words"), REFUSED_FORMS)
def test_a_refusal_of_a_form_names_the_field(
    api: Api, fields: dict[str, Any], files: list[tuple[str, Any]], words: str
) -> None:
    parts: list[tuple[str, Any]] = [(name, (f"{name}.png", payload, "image/png")) for name, payload in files]
    texts = {"prompt": "a boat", **fields}
    answer = api.post("/v1/videos", files=[(name, (None, text)) for name, text in texts.items()] + parts)
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["message"]


REFUSED_SEEDANCE: list[tuple[dict[str, Any], str]] = [
    (seedance(frames=48), "metadata.frames"),
    (seedance(camera_fixed=True), "metadata.camera_fixed"),
    (seedance(draft=True), "metadata.draft"),
    (seedance(service_tier="flex"), "metadata.service_tier"),
    (seedance(duration=3), "allowed: 4-15, or -1"),
    (seedance(resolution="1080p") | {"model": "doubao-seedance-2-0-fast-260128"}, "allowed: 480p, 720p"),
    (seedance(ratio="2:1"), "metadata.ratio"),
    (seedance(media("image_url", "last_frame")), "needs a first_frame"),
    (seedance(media("image_url", "first_frame"), media("image_url", "reference_image")), "do not go together"),
    (seedance(*[media("image_url", "reference_image")] * 10), "at most 9"),
    (seedance(media("audio_url", "reference_audio")), "needs a reference_image"),
    (seedance(media("video_url", "first_frame")), "content[1].role"),
    (seedance(media("video_url", "reference_video", "data:video/mp4;base64,AAAA")), "content[1].video_url.url"),
    (seedance({"type": "image_url", "image_url": {"url": URL, "detail": "high"}}), "detail: unknown field"),
    (seedance({"type": "hologram"}), "content[1].type"),
    (seedance(media("image_url", "reference_image"), media("audio_url", "reference_audio"), generate_audio=False),
     "must be true"),
    ({"model": "doubao-seedance-2-0-260128"}, "content: at least one item"),
    (seedance() | {"seed": 3}, "seed: unknown field"),
    ({"model": "sora-2", "prompt": "a boat"}, "allowed: POST /v1/videos"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), REFUSED_SEEDANCE, ids=[str(n) for n in range(len(REFUSED_SEEDANCE))])
def test_a_refusal_of_seedance_names_the_field(api: Api, body: dict[str, Any], words: str) -> None:
    answer = api.post("/v1/video/generations", json=body)
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["message"]


def test_a_model_of_no_family_takes_the_standard_fields_alone(api: Api) -> None:
    body = {"model": "sandbox-video", "prompt": "a boat #fail", "seconds": "2", "size": "640x360", "seed": "7"}
    texts = [(name, (None, value)) for name, value in body.items()]
    pictures = [("input_reference", ("a.png", PNG, "image/png")) for _ in range(3)]
    assert api.post("/v1/videos", files=[*texts, *pictures]).status_code == 200
    assert api.post("/v1/videos", json=body | {"input_reference": {"image_url": URL}}).status_code == 200
    refused = [
        api.post("/v1/videos", files=[*texts, ("input_reference", (None, URL))]),
        api.post("/v1/videos", files=[*texts, ("style", (None, "ink"))]),
        api.post("/v1/videos", json=body | {"input_reference": URL}),
        api.post("/v1/videos", json=body | {"input_reference": {"image_url": URL, "detail": "high"}}),
        api.post("/v1/videos", json=body | {"input_reference": {"file_id": "file-1"}}),
        api.post("/v1/videos", json=body | {"size": "20000x1"}),
        api.post("/v1/videos", json=body | {"metadata": {}}),
    ]
    assert [(answer.status_code, answer.json()["message"].split(":")[0]) for answer in refused] == [
        (400, "input_reference"), (400, "style"), (400, "input_reference"), (400, "input_reference.detail"),
        (400, "input_reference.image_url"), (400, "size"), (400, "metadata"),
    ]  # fmt: skip


def test_model_is_checked_before_anything_else(api: Api) -> None:
    missing = api.post("/v1/videos", json={"prompt": "a boat"})
    assert (missing.status_code, missing.json()["code"]) == (400, "missing_model")
    unknown = api.post("/v1/videos", json={"model": "Klong-3", "prompt": "a boat"})
    assert unknown.status_code == 503
    assert unknown.json()["error"]["code"] == "model_not_found"
    assert unknown.headers["X-Oneapi-Request-Id"] in unknown.json()["error"]["message"]


def test_a_body_that_is_not_a_json_object_is_refused(api: Api) -> None:
    for content in (b"{", b"[]", b""):
        answer = api.post("/v1/videos", content=content)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = api.post("/v1/videos", content=b"no parts", headers={"Content-Type": content_type})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_multipart_form")


def test_pictures_by_value_are_accepted_and_bad_base64_is_refused() -> None:
    data_uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert order(model="sora-2", input_reference=data_uri).mode == "first_frame"
    assert order(model="veo_3_1", input_reference=base64.b64encode(PNG).decode()).mode == "first_frame"
    with pytest.raises(Refusal, match="must be an http"):
        order(model="sora-2", input_reference="not base64 at all !")


def test_file_infos_may_be_in_snake_case_and_unknown_keys_are_refused() -> None:
    snake = [{"type": "Url", "category": "Image", "usage": "Reference", "url": URL}]
    assert order(model=KLING, metadata={"file_infos": snake}).mode == "references"
    with pytest.raises(Refusal, match=r"file_infos\[0\]\.Colour: unknown field"):
        order(model=KLING, metadata={"file_infos": [{**AUDIO[0], "Colour": "red"}]})
