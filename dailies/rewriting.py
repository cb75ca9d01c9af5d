"""A prompt in other words, by a chat model: the kinds, both texts, and where they differ. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST_CHARS = 20_000
"""The longest prompt that is sent to a chat model, and the most that is read of its answer."""

_TOKEN = re.compile(r"\n|[^\S\n]+|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s]")
_COMPARED = 4_000  # tokens; a longer text differs as a whole, because the comparison grows with the square
_ALIKE = 0.5


class Kind(StrEnum):
    """What a chat model makes of a prompt. `label` names the action, `done` what came of it."""

    IMPROVE = "improve"
    ENGLISH = "english"
    CHINESE = "chinese"

    @property
    def label(self) -> str:
        return {"improve": "Improve", "english": "Translate to English", "chinese": "Translate to Chinese"}[self.value]

    @property
    def done(self) -> str:
        return {"improve": "Improved", "english": "In English", "chinese": "In Chinese"}[self.value]


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many tokens a chat model was given and gave, as its answer counts them."""

    taken: int
    given: int


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A prompt before and after a chat model rewrote it. `model` is the chat model's id."""

    kind: Kind
    model: str
    before: str
    after: str

    def holds(self, prompt: str) -> bool:
        """Whether a prompt is this rewrite still: word for word, or edited since, and not another text."""
        if prompt.strip() == self.after.strip():
            return True
        mine, other = _split(self.after), _split(prompt)
        if not prompt.strip() or max(len(mine), len(other)) > _COMPARED:
            return False
        return SequenceMatcher(None, mine, other, autojunk=False).ratio() >= _ALIKE


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `changed`: the other text has not got it."""

    text: str
    changed: bool


def compare(before: str, after: str) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Split two texts into what they share and what only one of them has. The pieces joined are the texts."""
    old, new = _split(before), _split(after)
    if max(len(old), len(new)) > _COMPARED:
        same = before == after
        return [Piece(before, not same)], [Piece(after, not same)]
    left: list[Piece] = []
    right: list[Piece] = []
    for what, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for side, text in ((left, "".join(old[from_old:to_old])), (right, "".join(new[from_new:to_new]))):
            if text:
                side.append(Piece(text, what != "equal"))
    return left, right


def _split(text: str) -> list[str]:
    """Split a text into words, gaps and signs; scripts without gaps into characters. Nothing is lost."""
    return _TOKEN.findall(text)
