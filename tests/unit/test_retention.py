"""The rule for old clips: what goes, what never goes, who is told, and that a dry run changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from dailies.cli import main
from dailies.compare.nouns import Comparison, Lane
from dailies.domain import Clip
from dailies.errors import DailiesError
from dailies.library import View
from dailies.settings import Retention, Settings
from dailies.store import Store
from dailies.store.expendable import Term
from dailies.vocabulary import RunState
from dailies.work.housekeeping import sweep
from dailies.work.retention import NOTICE, find_in_force, follow_rule, note_rule, plan_sweep, put_away, warn_owner

CLIP = Clip("", "", 1_000, 5.0, 64, 48, 24.0, "h264", "")


@pytest.fixture
def old(store, make_run):
    """Six finished runs of one person, from the day before yesterday back by ten days each."""
    now, runs = store.clock(), []
    for number in range(6):
        made = make_run(state=RunState.DONE, created=now - timedelta(days=2 + 10 * number), due=None)
        clip = replace(CLIP, file=f"{made.id}.mp4", poster=f"{made.id}.jpg")
        runs.append(store.runs.add(replace(made, clip=clip)))
    return runs


def settle(store, rule):
    """Have a rule that has been known for long."""
    note_rule(store, Retention(), store.clock())
    note_rule(store, rule, store.clock() - 2 * NOTICE)
    return rule


def test_what_is_starred_compared_or_continued_never_goes(store, old, make_run):
    now = store.clock()
    settle(store, Retention(days=20))
    assert [each.run for each in plan_sweep(store, Retention(days=20), now).aged] == [run.id for run in old[:1:-1]]
    store.library.star("me", [old[2].id], True)
    store.comparisons.add(Comparison("c", "me", now, now, lanes=(Lane("a", run=old[3].id),)))
    store.runs.add(make_run(parent=old[4].id, created=now, state=RunState.FAILED))
    taken = put_away(store, Retention(days=20), now)
    assert [each.run for each in taken.all] == [old[5].id]
    assert store.library.find("me", View(deleted=True), limit=9).total == 1
    store.library.restore("me", [old[5].id])
    assert store.library.find("me", View(), limit=9).total == 7


def test_a_quota_takes_the_oldest_of_each_person_and_no_more_than_needed(store, old, make_run):
    another = make_run(owner="you", state=RunState.DONE, due=None, clip=replace(CLIP, file="you.mp4", poster=""))
    store.runs.add(another)
    found = plan_sweep(store, settle(store, Retention(quota=4_000)), store.clock())
    assert [each.run for each in found.crowded] == [old[5].id, old[4].id]
    assert (found.size, found.used) == (2_000, {"me": 6_000, "you": 1_000})
    assert plan_sweep(store, settle(store, Retention(days=50, quota=5_000)), store.clock()).crowded == []


def test_a_person_is_told_before(store, old):
    now = store.clock()
    (said,) = warn_owner(store, Retention(days=15), now - timedelta(days=20), "me")
    assert said.startswith("3 clips are deleted within 7 days")
    (said,) = warn_owner(store, Retention(quota=6_500), now, "me")
    assert "Your clips take" in said
    assert warn_owner(store, Retention(quota=6_500), now, "you") == []
    assert warn_owner(store, Retention(), now, "me") == []


def test_the_worker_s_sweep_follows_the_rule_and_without_one_keeps_all(store, old):
    sweep(store)
    assert store.library.find("me", View(deleted=True), limit=9).total == 0
    sweep(store, rule=Retention(days=45))
    assert store.library.find("me", View(deleted=True), limit=9).total == 0
    sweep(store, rule=settle(store, Retention(days=45)))
    assert store.library.find("me", View(deleted=True), limit=9).total == 1


def test_the_command_line_says_what_would_go_first(tmp_path, make_run, monkeypatch):
    store = Store(tmp_path)
    clip = replace(CLIP, file="a.mp4", poster="")
    long_ago = store.clock() - timedelta(days=9)
    run = store.runs.add(make_run(state=RunState.DONE, created=long_ago, due=None, clip=clip))
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path))
    assert "stay for good" in CliRunner().invoke(main, ["sweep"]).output
    monkeypatch.setenv("DAILIES_KEEP_DAYS", "7")
    dry = CliRunner().invoke(main, ["sweep", "--dry-run"]).output
    assert "0 runs with 0.0 MB would be deleted" in dry
    assert f"counts from {store.clock() + NOTICE:%Y-%m-%d}" in dry
    assert "takes 1 runs" in dry
    assert store.expendable.read_terms() == []
    settle(store, Retention(days=7))
    dry = CliRunner().invoke(main, ["sweep", "--dry-run"]).output
    assert run.id[:8] in dry
    assert "1 runs with 0.0 MB would be deleted" in dry
    assert store.library.find("me", View(), limit=9).total == 1
    assert "were deleted" in CliRunner().invoke(main, ["sweep"]).output
    assert store.library.find("me", View(), limit=9).total == 0
    store.close()


def test_a_new_rule_takes_nothing_before_everybody_has_had_a_week(store, old):
    rule, day = Retention(days=20), timedelta(days=1)
    first = store.clock()
    found = put_away(store, rule, first)
    assert (found.all, found.begins) == ((), first + NOTICE)
    assert warn_owner(store, rule, first, "me")[0].startswith("4 clips are deleted within 7 days")
    assert put_away(store, rule, first + NOTICE - day).all == ()
    found = put_away(store, rule, first + NOTICE)
    assert (len(found.all), found.begins) == (4, None)
    tight = put_away(store, Retention(days=20, quota=1_000), first + NOTICE)
    assert (tight.all, tight.begins) == ((), first + 2 * NOTICE)
    (_, said) = warn_owner(store, Retention(days=20, quota=2_000), first + NOTICE, "me")
    assert f"From {first + 2 * NOTICE:%d %B %Y} on, beyond that" in said


def test_a_changed_rule_begins_its_own_week_for_what_it_newly_takes(now):
    day = timedelta(days=1)
    terms = follow_rule([], Retention(days=90), now - 30 * day)
    terms = follow_rule(terms, Retention(days=30), now)
    assert find_in_force(terms, now) == Retention(days=90)
    assert find_in_force(terms, now + NOTICE) == Retention(days=30)
    looser = follow_rule(terms, Retention(days=60), now + day)
    assert looser == [Term("days", 90, now - 30 * day), Term("days", 60, now)]
    assert follow_rule(looser, Retention(days=30), now + 3 * day)[-1].since == now + 3 * day
    assert follow_rule(terms, Retention(), now + day) == []


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "²"])
def test_a_rule_that_cannot_be_meant_is_named(value):
    with pytest.raises(DailiesError, match="DAILIES_QUOTA_GB"):
        Settings.from_env({"DAILIES_HOME": "/nowhere", "DAILIES_QUOTA_GB": value})
