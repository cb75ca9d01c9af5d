r"""Several prompts from one: `{red|blue}` stands for each of its words, `{1..3}` for each number.

Pure. Only these two forms are read. All other braces, such as those of JSON, are sent as they are; `\{red|blue}` is
sent as `{red|blue}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, product

_GROUP = re.compile(
    r"""(?P<literal>\\)?\{(?:
        (?P<words>[^{}|"\n]{0,500}(?:\|[^{}|"\n]{0,500}){1,50})   # a quotation mark belongs to JSON
        | (?P<low>-?[0-9]{1,5})\.\.(?P<high>-?[0-9]{1,5})
    )\}""",
    re.VERBOSE,
)


MANY = 10_000
"""Where `count` stops."""


def count(prompt: str) -> int:
    """Count the prompts that `expand` makes of one, without making them; at most `MANY`."""
    found = 1
    for part in _split(prompt):
        found = min(MANY, found * len(part))
    return found


def expand(prompt: str, most: int) -> list[str]:
    """Return the first `most` prompts; the last group changes fastest. A prompt without groups gives itself."""
    parts = ([str(choice) for choice in part[:most]] for part in _split(prompt))  # the others come later anyway
    return ["".join(each) for each in islice(product(*parts), most)]


def make_literal(prompt: str) -> str:
    """Return the prompt that `expand` makes this one of: every group is marked as literal."""
    return _GROUP.sub(lambda found: "\\" + found[0], prompt)


def read_literal(prompt: str) -> str:
    """Return a prompt as it is sent where braces make no takes: as written, without the marks of `make_literal`."""
    return _GROUP.sub(lambda found: found[0].removeprefix("\\"), prompt)


def expand_all(prompts: Sequence[str], most: int) -> tuple[str, ...]:
    """Return what `expand` makes of several prompts, in their order; one more than `most` where they make more."""
    made: list[str] = []
    for prompt in prompts:
        made += expand(prompt, most + 1 - len(made))
        if len(made) > most:
            break
    return tuple(made)


def _split(prompt: str) -> list[Sequence[str | int]]:
    """Split a prompt into its parts, each with what may stand there."""
    parts: list[Sequence[str | int]] = []
    end = 0
    for found in _GROUP.finditer(prompt):
        parts.append([prompt[end : found.start()]])
        parts.append(_list_choices(found))
        end = found.end()
    return [*parts, [prompt[end:]]]


def _list_choices(found: re.Match[str]) -> Sequence[str | int]:
    if found["literal"]:
        return [found[0].removeprefix("\\")]
    if found["words"] is not None:
        return found["words"].split("|")
    low, high = int(found["low"]), int(found["high"])
    step = 1 if low <= high else -1
    return range(low, high + step, step)
