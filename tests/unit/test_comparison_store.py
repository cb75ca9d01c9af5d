"""Comparisons and votes in the store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.command import upgrade
from sqlalchemy.exc import IntegrityError

from dailies.compare.nouns import Arrangement, Comparison, Idea, Lane, Outcome, Unequal, View, Vote
from dailies.domain import Clip, Reference, Run
from dailies.errors import DailiesError
from dailies.store import Store
from dailies.store import upgrade as migrations
from dailies.store.comparisons import to_row
from dailies.store.database import Database
from dailies.vocabulary import MediaKind, Mode

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def comparison(number: int = 1) -> Comparison:
    picture = Reference("dancer.png", MediaKind.IMAGE, digest="ab" * 32, width=1280, height=720, done=("rotated",))
    idea = Idea(Mode.FIRST_FRAME, "A boat", {"seconds": 8, "audio": "on"}, {"first_frame": (picture,)})
    clip = Clip("c.mp4", "c.jpg", 10, 5.0, 64, 48, 24.0, "h264", "aac")
    lanes = (
        Lane(
            "one", "sora", "videos", "sora-2", overrides={"seconds": 4}, run="r1", announced=("8 s asked",), offset=-0.5
        ),
        Lane("two", title="Elsewhere", clip=clip, stars=4, tags=("warm",), comment="Good"),
    )
    view = View(Arrangement.WIPE, ("one", "two"), "two", Unequal.STRETCH, 0.5, False, False)
    moment = NOW + timedelta(seconds=number)
    return Comparison(
        f"c{number}", "", moment, moment, "Boats", idea, lanes, view, ("motion",), "Look at the water", "c0"
    )


def vote(number: int, **changes) -> Vote:
    moment = NOW + timedelta(seconds=number)
    return replace(Vote(f"v{number}", "c1", "motion", "one", "two", "a", "b", "anna", moment), **changes)


def test_a_comparison_comes_back_exactly(store):
    kept = store.comparisons.add(comparison())
    assert kept.revision > 0
    assert store.comparisons.get("c1") == kept
    assert store.comparisons.get("none") is None


def test_a_library_from_before_presses_opens(tmp_path, unmigrated, monkeypatch):
    monkeypatch.setattr(migrations.command, "upgrade", lambda config, _: upgrade(config, "0008"))
    old = Database(unmigrated or f"sqlite:///{tmp_path / 'dailies.db'}")
    kept = replace(comparison(), revision=1)
    with old.writing() as connection:
        table = sa.Table("comparisons", sa.MetaData(), autoload_with=connection)
        row = {name: value for name, value in to_row(kept).items() if name in table.c}
        lanes = json.loads(json.dumps(row["lanes"]).replace('"announced"', '"said"'))
        connection.execute(table.insert().values(row | {"lanes": lanes, "revision": old.next_revision(connection)}))
    old.close()
    monkeypatch.undo()
    store = Store(tmp_path, unmigrated)
    assert store.comparisons.get("c1") == kept
    assert store.comparisons.add(replace(comparison(2), press="token:digest")).press == "token:digest"
    store.close()


# --- a comparison and its runs -----------------------------------------------------------------------------------


def launched(make_run, number: int, press: str = "") -> tuple[Comparison, list[Run]]:
    made = replace(comparison(number), press=press)
    runs = [make_run(id=f"r{number}{side}") for side in "ab"]
    lanes = tuple(replace(lane, run=run.id) for lane, run in zip(made.lanes, runs, strict=True))
    return replace(made, lanes=lanes), runs


def test_a_comparison_is_stored_with_its_runs(store, make_run):
    made, runs = launched(make_run, 1, "token:digest")
    kept = store.comparisons.add(made, runs)
    assert store.comparisons.get("c1") == kept
    assert {run.id for run in store.runs.list()} == {"r1a", "r1b"}
    changed = store.changed_since(0)[1]
    assert set(changed) == {"c1", "r1a", "r1b"}
    assert len(set(changed.values())) == 3


def test_the_same_press_makes_one_comparison(store, make_run):
    first = store.comparisons.add(*launched(make_run, 1, "token:digest"))
    again, runs = launched(make_run, 2, "token:digest")
    assert store.comparisons.add(again, runs) == first
    assert store.comparisons.add_all([(again, runs)]) == [(first, [])]
    assert store.runs.count() == 2
    assert store.comparisons.add(*launched(make_run, 3, "token:other")).id == "c3"
    assert [store.comparisons.add(*launched(make_run, number)).id for number in (4, 5)] == ["c4", "c5"]


@pytest.mark.parametrize("broken", [0, 1, 2])
def test_all_comparisons_of_a_press_are_stored_or_none(store, make_run, broken):
    store.runs.add(make_run(id="taken"))
    new = [launched(make_run, number, f"token:{number}") for number in (1, 2, 3)]
    new[broken] = (new[broken][0], [*new[broken][1], make_run(id="taken")])
    with pytest.raises(IntegrityError):
        store.comparisons.add_all(new)
    assert (store.comparisons.count(), [run.id for run in store.runs.list()]) == (0, ["taken"])


def test_two_processes_with_one_press_make_one_comparison(store, make_run, tmp_path, database):
    other = Store(tmp_path / "home", database)
    both = [(store, launched(make_run, 1, "token:x")), (other, launched(make_run, 2, "token:x"))]
    with ThreadPoolExecutor(2) as pool:
        kept = list(pool.map(lambda one: one[0].comparisons.add(*one[1]), both))
    other.close()
    assert kept[0] == kept[1]
    assert (store.comparisons.count(), store.runs.count()) == (1, 2)


def test_a_lane_is_sent_again_with_its_run_and_keeps_its_judgement(store, make_run):
    kept = store.comparisons.add(*launched(make_run, 1))
    store.comparisons.change("c1", lambda c: c.with_lane(replace(c.lanes[0], stars=5)), NOW)
    lane = replace(kept.lanes[0], run="new", announced=("5 s",))
    later = NOW + timedelta(hours=1)
    after, run = store.comparisons.send_again("c1", lane, "r1a", make_run(id="new"), later)
    assert store.comparisons.get("c1") == after
    assert (after.lanes[0].run, after.lanes[0].stars, after.updated) == ("new", 5, later)
    assert store.runs.get("new") == run


def test_a_lane_that_has_another_run_by_now_is_not_sent_again(store, make_run):
    kept = store.comparisons.add(*launched(make_run, 1))
    for number in (1, 2):
        lane = replace(kept.lanes[0], run=f"new{number}")
        done = store.comparisons.send_again("c1", lane, "r1a", make_run(id=f"new{number}"), NOW)
        assert (done is None) == (number == 2)
    assert store.comparisons.get("c1").lanes[0].run == "new1"
    assert store.runs.get("new2") is None
    for lost in ("c1", "none"):
        assert store.comparisons.send_again(lost, Lane("gone", run="x"), "", make_run(id="x"), NOW) is None
    assert store.runs.get("x") is None


def test_the_same_press_sends_a_lane_again_once(store, make_run):
    """Its first half was so quick that the lane has failed again when the second half of a double click arrives."""
    kept = store.comparisons.add(*launched(make_run, 1))
    before = "r1a"
    for number in (1, 2):
        lane, run = replace(kept.lanes[0], run=f"new{number}"), make_run(id=f"new{number}", press="token:x")
        _, sent = store.comparisons.send_again("c1", lane, before, run, NOW)
        assert (sent is None) == (number == 2)
        before = "new1"
    assert store.comparisons.get("c1").lanes[0].run == "new1"
    assert store.runs.get("new2") is None


def test_two_browsers_lose_nothing_of_each_other(store):
    first = store.comparisons.add(comparison())
    store.comparisons.change("c1", lambda c: c.with_lane(replace(c.lanes[0], stars=5)), NOW)
    after = store.comparisons.change("c1", lambda c: replace(c, notes="More"), NOW + timedelta(hours=1))
    assert (after.lanes[0].stars, after.notes) == (5, "More")
    assert after.revision > first.revision
    assert after.updated == NOW + timedelta(hours=1)
    assert store.comparisons.change("none", lambda c: c, NOW) is None


def test_a_change_that_changes_nothing_is_no_news(store):
    kept = store.comparisons.add(comparison())
    assert store.comparisons.change("c1", lambda c: replace(c, notes=c.notes), NOW) == kept
    assert store.changed_since(kept.revision)[1] == {}


def test_changes_are_told(store):
    before, _ = store.changed_since(0)
    kept = store.comparisons.add(comparison())
    assert store.changed_since(before) == (kept.revision, {"c1": kept.revision})


def test_the_list_is_searched_newest_first(store):
    for number, title in enumerate(("Red", "Green", "Blue"), start=1):
        store.comparisons.add(replace(comparison(number), title=title))
    assert [c.id for c in store.comparisons.list()] == ["c3", "c2", "c1"]
    assert [c.id for c in store.comparisons.list(search="SORA-2 green")] == ["c2"]
    assert store.comparisons.count(search="boat") == 3
    assert store.comparisons.count("somebody") == 0


def test_a_question_is_answered_once(store):
    store.comparisons.ask([vote(1), vote(2, left="two", right="one")])
    assert store.comparisons.answer("v1", Outcome.LEFT)
    assert not store.comparisons.answer("v1", Outcome.RIGHT)
    first, second = store.comparisons.votes("c1")
    assert (first.outcome, first.void) == (Outcome.LEFT, False)
    assert (second.left, second.outcome) == ("two", None)


def test_seeing_the_names_voids_what_is_open(store):
    store.comparisons.ask([vote(1), vote(2), vote(3, voter="ben")])
    store.comparisons.answer("v1", Outcome.TIE)
    assert store.comparisons.void("c1", "anna") == 1
    assert [v.void for v in store.comparisons.votes("c1")] == [False, True, False]
    assert [v.id for v in store.comparisons.votes("c1", voter="ben")] == ["v3"]


def test_a_ballot_is_imported_once(store):
    votes = [vote(1, ballot="b1", outcome=Outcome.BAD), vote(2, ballot="b1", outcome=Outcome.LEFT)]
    assert store.comparisons.import_ballot("b1", "c1", votes, NOW) == 2
    with pytest.raises(DailiesError, match="imported before"):
        store.comparisons.import_ballot("b1", "c1", [vote(3)], NOW)
    assert [v.id for v in store.comparisons.votes()] == ["v1", "v2"]


def test_deleting_takes_the_votes_along(store):
    store.comparisons.add(comparison())
    store.comparisons.ask([vote(1)])
    assert store.comparisons.delete("c1")
    assert not store.comparisons.delete("c1")
    assert store.comparisons.votes() == []
