"""A chat model that rewrites prompts by rules, so that *Improve* and *Translate* work without a key.

`POST /v1/chat/completions` in OpenAI's shape, for any model id and without streaming. The same request
always has the same answer. It knows no language: a translation is the marked text itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.body import read_body
from sandbox.refusal import invalid

ROLES = ("system", "developer", "user", "assistant")

Additions = Sequence[tuple[re.Pattern[str], Sequence[str]]]
"""Words that say that something is in a prompt already, and what to add where they are missing."""

ADDED: Additions = (
    (
        re.compile(r"\b(light\w*|sun\w*|dawn|dusk|night|neon|lamps?|candle\w*|glow\w*|shadows?|moon\w*)\b", re.I),
        ("soft morning light from the left", "warm low evening light", "cool overcast light with gentle shadows"),
    ),
    (
        re.compile(r"\b(camera|shot|close-?up|wide|macro|lens|handheld|push-in|pan\w*|dolly|zoom\w*|tracking)\b", re.I),
        ("wide shot, the camera slowly moves closer", "close-up with shallow depth of field", "steady tracking shot"),
    ),
    (
        re.compile(r"\b(mov\w+|drift\w*|wind|walk\w*|run\w*|turn\w*|fall\w*|ris\w+|cross\w*|float\w*)\b", re.I),
        (
            "a light wind moves everything that is loose",
            "calm, continuous movement",
            "small natural movements",
        ),
    ),
)
CHINESE: Additions = (
    (re.compile("[光影阳月夜晨暮]"), ("柔和的晨光", "温暖的夕阳光线", "清冷的漫射光")),
    (re.compile("镜头|特写|全景|近景|远景|推近|跟拍"), ("全景，镜头缓缓推近", "浅景深特写", "平稳的跟拍镜头")),
    (re.compile("[风动走跑飘转飞流]"), ("微风轻拂", "动作连贯自然", "细微的动态贯穿始终")),
)
HAN = re.compile("[\u3400-\u9fff]")


async def complete(request: Request) -> Response:
    """Answer a chat request; raises Refusal."""
    body = (await read_body(request)).values
    model, messages = body.get("model"), body.get("messages")
    if not isinstance(model, str) or not model.strip():
        raise invalid("model", "the name of a model is required", code="missing_model")
    if not isinstance(messages, list) or not messages or not all(map(is_message, messages)):
        raise invalid("messages", "a list of objects with role and content is required")
    if body.get("stream"):
        raise invalid("stream", "this chat model answers at once only")
    told = " ".join(each["content"] for each in messages if each["role"] in ("system", "developer"))
    said = [each["content"] for each in messages if each["role"] == "user"]
    text = write(told, said[-1] if said else "")
    digest = hashlib.sha256(f"{model}\n{told}\n{said}".encode(errors="replace")).hexdigest()
    message = {"role": "assistant", "content": text, "refusal": None}
    usage = {"prompt_tokens": len(told.split()) + len(" ".join(said).split()), "completion_tokens": len(text.split())}
    answer = {
        "id": f"chatcmpl-{digest[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage | {"total_tokens": sum(usage.values())},
    }
    return JSONResponse(answer)


def is_message(value: Any) -> bool:
    """Return whether a value is a message with a text as its content."""
    return isinstance(value, Mapping) and value.get("role") in ROLES and isinstance(value.get("content"), str)


def write(told: str, prompt: str) -> str:
    """Return what was asked for: a marked translation, or the prompt with what it lacks, within the limit it names."""
    limit = re.search(r"at most (\d{1,6}) characters", told)
    most = int(limit[1]) if limit else 1_000_000
    if wanted := re.search(r"translate\b.*?\b(english|chinese)", told, re.IGNORECASE | re.DOTALL):
        marked = f"[{wanted[1].capitalize()}] {prompt}"
        return marked if len(marked) <= most else prompt
    return improve(prompt, most)


def improve(prompt: str, most: int) -> str:
    """Add light, camera and movement where a prompt names none, as far as they fit."""
    text = prompt.strip()
    han = bool(HAN.search(text))
    comma, stop = ("，", "。") if han else (", ", ".")
    ended = text[-1:] in ".。"
    text = text[:-1] if ended else text
    digest = hashlib.sha256(text.encode(errors="replace")).digest()
    for number, (known, choices) in enumerate(CHINESE if han else ADDED):
        longer = f"{text}{comma}{choices[digest[number] % len(choices)]}"
        if text and not known.search(prompt) and len(longer) + ended <= most:
            text = longer
    return f"{text}{stop}" if ended else text
