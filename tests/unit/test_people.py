"""Who a person is, and that nobody finds in the store what is another's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.compare.nouns import Comparison, Idea, Lane, Outcome, Vote
from dailies.errors import DailiesError
from dailies.gateway import asset_life
from dailies.people import NOBODY_SIGNS_IN, Person, read_person
from dailies.store import Store
from dailies.store.personal import PersonalStore
from dailies.vocabulary import MediaKind

CLAIMS = {"iss": "https://id.test", "sub": "17", "email": "Ann@Example.com", "email_verified": True, "name": "Ann Lee"}
ANN, BOB = Person("ann", "ann@example.com", "Ann"), Person("bob", "bob@example.com", "Bob")


def test_a_person_is_an_issuer_s_subject():
    ann = read_person(CLAIMS)
    assert (ann.email, ann.name, ann.title) == ("ann@example.com", "Ann Lee", "Ann Lee")
    assert len(ann.id) == 32
    assert read_person(CLAIMS | {"email": "new@example.com", "name": "Ann Ray"}).id == ann.id
    assert read_person(CLAIMS | {"iss": "https://other.test"}).id != ann.id
    assert read_person(CLAIMS | {"sub": "18"}).id != ann.id


@pytest.mark.parametrize(
    "claims",
    [{}, {"iss": "https://id.test"}, {"sub": "17"}, {"iss": "", "sub": "17"}, {"iss": 1, "sub": 2}],
)
def test_claims_without_issuer_and_subject_are_nobody(claims):
    assert read_person(claims) is None


def test_an_address_that_is_not_verified_counts_for_nothing():
    assert read_person(CLAIMS | {"email_verified": False}).email == ""
    assert read_person({"iss": "i", "sub": "s", "email": "a@b.test"}).email == "a@b.test"
    assert read_person({"iss": "i", "sub": "s"}).title == "Somebody without a name"


# --- the store as a person sees it -------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def ann(store):
    return PersonalStore(store, ANN)


@pytest.fixture
def bob(store):
    return PersonalStore(store, BOB)


@pytest.fixture
def run(store, make_run):
    return store.runs.add(make_run(owner="ann"))


@pytest.fixture
def comparison(store, run, now):
    made = Comparison("c1", "ann", now, now, "Boats", Idea(prompt="A boat"), (Lane("l1", run=run.id), Lane("l2")))
    return store.comparisons.add(made)


def test_a_run_is_its_owner_s(ann, bob, store, run, make_run):
    theirs = store.runs.add(make_run(owner="bob"))
    assert (ann.runs.get(run.id), bob.runs.get(run.id)) == (run, None)
    assert ([r.id for r in ann.runs.list()], [r.id for r in bob.runs.list()]) == ([run.id], [theirs.id])
    assert (ann.runs.count(), ann.runs.count(search="boat"), bob.runs.count(search="nothing")) == (1, 1, 0)
    everybody = PersonalStore(store, NOBODY_SIGNS_IN)
    assert (everybody.runs.get(run.id), everybody.runs.list()) == (None, [])


def test_a_comparison_is_its_owner_s(ann, bob, comparison, now):
    assert (ann.comparisons.get("c1"), ann.comparisons.find("c1")) == (comparison, comparison)
    assert (bob.comparisons.get("c1"), bob.comparisons.find("c1")) == (None, None)
    assert (ann.comparisons.count(), list(ann.comparisons.list())) == (1, [comparison])
    assert (bob.comparisons.count(), list(bob.comparisons.list())) == (0, [])
    assert bob.comparisons.change("c1", lambda c: replace(c, notes="Bob was here"), now) is None
    assert not bob.comparisons.delete("c1")
    assert ann.comparisons.change("c1", lambda c: replace(c, notes="Mine"), now).notes == "Mine"
    assert ann.comparisons.delete("c1")


def test_the_runs_of_a_comparison_are_shown_with_it(ann, bob, store, run, comparison, make_run, now):
    assert ann.runs_of(comparison) == {run.id: run}
    assert bob.runs_of(comparison) == {}
    theirs = store.runs.add(make_run(owner="ann"))
    borrowed = Comparison("c2", "bob", now, now, "", Idea(), (Lane("l1", run=theirs.id),))
    assert bob.runs_of(store.comparisons.add(borrowed)) == {}


def test_votes_are_seen_with_their_comparison(ann, bob, store, comparison, now):
    vote = Vote("v1", "c1", "voter", "Overall", "l1", "l2", "One", "Two", now)
    bob.comparisons.ask([vote])
    assert list(ann.comparisons.votes()) == []
    ann.comparisons.ask([vote])
    assert [v.id for v in ann.comparisons.votes()] == [v.id for v in ann.comparisons.votes("c1")] == ["v1"]
    assert (list(bob.comparisons.votes()), list(bob.comparisons.votes("c1"))) == ([], [])
    assert bob.comparisons.import_ballot("b1", "c1", [replace(vote, id="v2")], now) == 0
    assert ann.comparisons.import_ballot("b1", "c1", [replace(vote, id="v2", outcome=Outcome.TIE)], now) == 1
    with pytest.raises(DailiesError):
        ann.comparisons.import_ballot("b1", "c1", [], now)


def test_assets_are_their_owner_s(ann, bob, store, now):
    group = store.assets.add(asset_life.create_group("http://g.test", "Cast", "", now, owner="ann"))
    link = "https://x.test/a.png"
    asset = asset_life.create_asset("http://g.test", group.id, MediaKind.IMAGE, link, "A", now, owner="ann")
    asset = store.assets.add(asset)
    assert (ann.assets.get(asset.id), ann.assets.group(group.id)) == (asset, group)
    assert (bob.assets.get(asset.id), bob.assets.group(group.id)) == (None, None)
    assert (list(bob.assets.list("http://g.test")), list(bob.assets.groups("http://g.test"))) == ([], [])
    assert (ann.assets.count("http://g.test"), bob.assets.count("http://g.test")) == (1, 0)


def test_changes_are_told_to_whom_they_concern(ann, bob, store, run, comparison):
    assert ann.changed_since(0) == {run.id, "c1"}
    assert bob.changed_since(0) == set()
    assert bob.select_visible({run.id, "c1", "gone"}) == set()
    assert PersonalStore(store, NOBODY_SIGNS_IN).changed_since(0) == {run.id, "c1"}
    assert ann.changed_since(comparison.revision) == set()
