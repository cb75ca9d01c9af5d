"""Ballots: one person's answers to a blind vote that was exported as a file.

Owns the format of a ballot and what makes one acceptable. The questions are drawn and stored when the file is made:
every copy of the file asks the same ones, and each person's answers become votes of their own. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dailies.compare.nouns import Outcome, Vote
from dailies.errors import DailiesError
from dailies.text import clean

FORMAT, VERSION = "dailies ballot", 1
MOST_BYTES = 1_000_000
"""A ballot is a few kilobytes; nothing larger is read."""

_IN_FILE = "handed out:"  # prefix of the voter of questions that are asked in a file


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Strict):
    """The answer to one stored question."""

    question: str = Field(min_length=1, max_length=100)
    outcome: Outcome


class Ballot(_Strict):
    """One person's answers. `ballot` is a random id made by the browser; the voter's name is cleaned."""

    format: Literal["dailies ballot"]
    version: Literal[1]
    comparison: str = Field(min_length=1, max_length=200)
    ballot: str = Field(pattern=r"^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$")
    voter: Annotated[str, AfterValidator(clean)] = Field(default="", max_length=80)
    answers: tuple[Answer, ...] = Field(min_length=1, max_length=10_000)


def new_file_voter() -> str:
    """Make an id to store as the voter of questions asked in a file; nobody answers these questions directly."""
    return f"{_IN_FILE}{uuid4().hex}"


def read_ballot(data: bytes) -> Ballot:
    """Read the ballot in a file. Raises `DailiesError` that says what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise DailiesError("This file is too large for a ballot.")
    try:
        return Ballot.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "json_invalid":
            raise DailiesError("This file is not a ballot: it is not JSON.") from None
        if where == "format":
            raise DailiesError("This file is not a ballot. Choose the file that “Save ballot” made.") from None
        if where == "version":
            raise DailiesError(
                f"This ballot is not of version {VERSION}. Import it with the dailies that made its vote."
            ) from None
        raise DailiesError(f"This ballot is damaged at {where or 'its start'}: {first['msg']}.") from None


def make_votes(ballot: Ballot, comparison_id: str, questions: Iterable[Vote], now: datetime) -> tuple[Vote, ...]:
    """Turn a ballot into votes. Sides and names come from `questions`, the stored ones of the comparison.

    Raises `DailiesError` for a ballot of another comparison, a question that was never asked in a file, questions of
    different files, and a question answered twice.
    """
    if ballot.comparison != comparison_id:
        raise DailiesError("This ballot belongs to another comparison.")
    known = {vote.id: vote for vote in questions if vote.voter.startswith(_IN_FILE)}
    times = Counter(answer.question for answer in ballot.answers)
    if not times.keys() <= known.keys():
        raise DailiesError("This ballot answers a question that this comparison never asked in a file.")
    if max(times.values()) > 1:
        raise DailiesError("This ballot answers a question twice.")
    if len({known[question].voter for question in times}) > 1:
        raise DailiesError("This ballot mixes questions of several files.")
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
