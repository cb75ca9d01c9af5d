"""Ballots: what makes one acceptable, and whose sides its votes have."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from dailies.compare.ballots import MOST_BYTES, make_votes, new_file_voter, read_ballot
from dailies.compare.nouns import Outcome, Vote
from dailies.errors import DailiesError

NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FILE = new_file_voter()


def question(name: str, **changes) -> Vote:
    return replace(Vote(name, "c1", "Motion", "one", "two", "alpha", "beta", FILE, NOW), **changes)


QUESTIONS = (question("q1"), question("q2", left="two", right="one", left_name="beta", right_name="alpha"))


def written(**changes) -> bytes:
    content = {
        "format": "dailies ballot",
        "version": 1,
        "comparison": "c1",
        "ballot": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "voter": "Anna",
        "answers": [{"question": "q1", "outcome": "left"}, {"question": "q2", "outcome": "tie"}],
    }
    return json.dumps({name: value for name, value in (content | changes).items() if value is not ...}).encode()


def answers(*names: str) -> list[dict[str, str]]:
    return [{"question": name, "outcome": "right"} for name in names]


def test_votes_have_the_stored_sides_and_ids_of_their_own():
    ballot = read_ballot(written())
    first, second = make_votes(ballot, "c1", QUESTIONS, LATER)
    assert (first.left, first.right, first.left_name, first.outcome) == ("one", "two", "alpha", Outcome.LEFT)
    assert (second.left, second.right, second.left_name, second.outcome) == ("two", "one", "beta", Outcome.TIE)
    assert {first.id, second.id}.isdisjoint({"q1", "q2"})
    assert first.id != second.id
    assert {v.ballot for v in (first, second)} == {v.voter for v in (first, second)} == {ballot.ballot}
    assert (first.created, first.void, first.criterion) == (LATER, False, "Motion")


def test_two_people_answer_the_same_file():
    one, other = (read_ballot(written(ballot=str(uuid4()))) for _ in range(2))
    votes = [*make_votes(one, "c1", QUESTIONS, LATER), *make_votes(other, "c1", QUESTIONS, LATER)]
    assert len({vote.id for vote in votes}) == 4
    assert len({vote.voter for vote in votes}) == 2


def test_an_id_without_dashes_is_one_too():
    assert read_ballot(written(ballot=uuid4().hex, voter=...)).voter == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04", "not JSON"),
        (b"[]", "damaged at its start"),
        (written(format="something else"), "not a ballot"),
        (written(format=...), "not a ballot"),
        (written(version=2), "not of version 1"),
        (written(ballot="1"), "damaged at ballot"),
        (written(ballot="../../etc/passwd"), "damaged at ballot"),
        (written(answers=[]), "damaged at answers"),
        (written(answers=[{"question": "q1", "outcome": "best"}]), "damaged at answers.0.outcome"),
        (written(answers=[{"question": "q1", "outcome": "left", "name": "x"}]), "damaged at answers.0.name"),
        (written(stuffed=True), "damaged at stuffed"),
        (written(voter="a" * 81), "damaged at voter"),
        (b" " * (MOST_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_ballot_is_refused_in_words(data, words):
    with pytest.raises(DailiesError, match=words):
        read_ballot(data)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"comparison": "c2"}, "another comparison"),
        ({"answers": answers("q1", "q9")}, "never asked in a file"),
        ({"answers": answers("q1", "q1")}, "twice"),
        ({"answers": answers("q1", "other file")}, "several files"),
        ({"answers": answers("asked on the page")}, "never asked in a file"),
    ],
)
def test_what_does_not_belong_here_is_refused(changes, words):
    stored = [*QUESTIONS, question("other file", voter=new_file_voter()), question("asked on the page", voter="anna")]
    with pytest.raises(DailiesError, match=words):
        make_votes(read_ballot(written(**changes)), "c1", stored, LATER)
