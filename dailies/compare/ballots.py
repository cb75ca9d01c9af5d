"""Ballots: the answers of one person to a blind vote that was handed out as a file.

Owns the written form of a ballot and what makes one acceptable. The questions were drawn and stored when the file was
made: every file of that making asks the same ones, each person's answers become votes of their own. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dailies.compare.nouns import Outcome, Vote
from dailies.errors import DailiesError

FORMAT, VERSION = "dailies ballot", 1
MOST_BYTES = 1_000_000
"""A ballot is a few kilobytes; nothing larger is read."""

_HANDED_OUT = "handed out:"  # begins the voter of stored questions that were asked in a file


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Strict):
    """What was said to one stored question."""

    question: str = Field(min_length=1, max_length=100)
    outcome: Outcome


class Ballot(_Strict):
    """One person's answers. `ballot` is drawn by the browser, so that no two people's are the same."""

    format: Literal["dailies ballot"]
    version: Literal[1]
    comparison: str = Field(min_length=1, max_length=200)
    ballot: str = Field(pattern=r"^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$")
    voter: str = Field(default="", max_length=80)
    answers: tuple[Answer, ...] = Field(min_length=1, max_length=10_000)


def handed_out() -> str:
    """A new word to store as the voter of questions that are asked in a file; nobody answers these themselves."""
    return f"{_HANDED_OUT}{uuid4().hex}"


def read_ballot(data: bytes) -> Ballot:
    """The ballot in a file. Raises `DailiesError` that says what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise DailiesError("This file is too large for a ballot.")
    try:
        return Ballot.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "json_invalid":
            raise DailiesError("This file is no ballot: it does not hold JSON.") from None
        if where == "format":
            raise DailiesError("This file is no ballot; take the one that Save ballot made.") from None
        if where == "version":
            raise DailiesError(f"This ballot has another version than {VERSION}: it needs another dailies.") from None
        raise DailiesError(f"This ballot is damaged at {where or 'its beginning'}: {first['msg']}.") from None


def votes_of(ballot: Ballot, comparison_id: str, questions: Iterable[Vote], now: datetime) -> tuple[Vote, ...]:
    """The votes of a ballot. `questions` are the stored ones of the comparison: sides and names are theirs.

    Raises `DailiesError` for a ballot of another comparison, for a question that was not handed out or that belongs to
    another file than the others, and for one answered twice.
    """
    if ballot.comparison != comparison_id:
        raise DailiesError("This ballot belongs to another comparison.")
    known = {vote.id: vote for vote in questions if vote.voter.startswith(_HANDED_OUT)}
    times = Counter(answer.question for answer in ballot.answers)
    if not times.keys() <= known.keys():
        raise DailiesError("This ballot answers a question that was never handed out for this comparison.")
    if max(times.values()) > 1:
        raise DailiesError("This ballot answers a question twice.")
    if len({known[question].voter for question in times}) > 1:
        raise DailiesError("This ballot mixes the questions of several files.")
    return tuple(
        replace(
            known[answer.question],
            id=uuid4().hex,
            voter=ballot.ballot,
            created=now,
            outcome=answer.outcome,
            ballot=ballot.ballot,
        )
        for answer in ballot.answers
    )
