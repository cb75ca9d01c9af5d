"""Any model, as a server of one model reads it: a prompt, a length, a size and pictures.

`read` reads the fields of OpenAI's reference, strictly: a picture is a file in a form and an object in JSON. The shapes
of other servers read their own fields and build the order here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import read_pixels
from sandbox.families.pictures import assign_roles, choose_mode
from sandbox.order import Order, Source
from sandbox.refusal import invalid

MODEL = "sandbox-video"  # the sandbox's own: no catalog knows it
LONGEST = 60
SMALLEST, LARGEST = 64, 2048
DEFAULT_SECONDS, DEFAULT_SIZE = 4, (1280, 720)
MOST_PICTURES = 9


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` with the fields of OpenAI's reference (openai-videos), and `seed`."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt, seconds = fields.required("prompt"), fields.whole("seconds")
    size = read_pixels(fields, "size") or DEFAULT_SIZE
    sources = read_pictures(fields, body)
    order = build_order(
        model, prompt, seconds=DEFAULT_SECONDS if seconds is None else seconds, size=size, seed=fields.whole("seed")
    )
    fields.finish()
    return replace(order, mode=choose_mode(sources), sources=sources)


def read_pictures(fields: Fields, body: Body) -> tuple[Source, ...]:
    """Read `input_reference`: files of a form, one object with `image_url` of a JSON body."""
    if body.kind == "form":
        return assign_roles(fields.media("input_reference", ("file",)), "input_reference", limit=MOST_PICTURES)
    value = fields.raw("input_reference")
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise invalid("input_reference", "must be an object with image_url in JSON, or a file of a form")
    link = fields.inner("input_reference").link("image_url", ("url", "data"))
    if link is None:
        raise invalid("input_reference.image_url", "image_url is required")
    return assign_roles([link], "input_reference", limit=1)


def build_order(  # noqa: PLR0913, RUF100 (what a request can say)
    model: str,
    prompt: str,
    *,
    seconds: int,
    size: tuple[int, int],
    picture: tuple[str, str | bytes] | None = None,
    seed: int | None = None,
    audio: bool = False,
) -> Order:
    """Build an order; `picture` is the field it came in and where it is. Raises Refusal for a size out of range."""
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise invalid("size", f"{size[0]}x{size[1]} is out of range; allowed: {SMALLEST} to {LARGEST} pixels a side")
    if not 1 <= seconds <= LONGEST:
        raise invalid("seconds", f"{seconds} is out of range; allowed: 1-{LONGEST}")
    width, height = (side // 2 * 2 for side in size)
    sources = () if picture is None else (Source("first_frame", "image", *picture),)
    return Order(
        family=FAMILY.name,
        model=model,
        mode="first_frame" if sources else "text",
        prompt=prompt,
        seconds=seconds,
        width=width,
        height=height,
        ratio=f"{width}:{height}",
        resolution=f"{min(width, height)}P",
        audio=audio,
        seed=seed,
        sources=sources,
        echo_model=model,
        echo_size=f"{width}x{height}",
    )


FAMILY = Family(
    name="generic",
    pattern=re.compile(re.escape(MODEL)),
    bodies=("json", "form"),
    readers={"videos": read},
    style=Style(task_id="task"),
    models=(MODEL,),
)
