"""Who a person is, and that nobody finds in the store what is another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dailies.access import Access
from dailies.compare.nouns import Comparison, Idea, Lane, Outcome, Vote
from dailies.errors import DailiesError
from dailies.gateway import asset_life
from dailies.library import View
from dailies.people import NOBODY_SIGNS_IN, Person, read_person
from dailies.store import Store
from dailies.store.comparisons import EVERYBODY
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


def test_a_comparison_is_shared_with_chosen_people_or_everybody(ann, bob, store, run, comparison, now):
    eve = PersonalStore(store, Person("eve", "eve@example.com"))
    nameless = PersonalStore(store, Person("dan"))
    ann.comparisons.share("c1", {"bob@example.com"})
    assert ann.comparisons.list_shares("c1") == {"bob@example.com"}
    assert (bob.comparisons.find("c1"), list(bob.comparisons.list_shared())) == (comparison, [comparison])
    assert (bob.runs_of(comparison), bob.changed_since(0)) == ({run.id: run}, {run.id, "c1"})
    assert (eve.comparisons.find("c1"), list(eve.comparisons.list_shared()), eve.runs_of(comparison)) == (None, [], {})
    ann.comparisons.share("c1", {EVERYBODY})
    for everybody in (bob, eve, nameless):
        assert everybody.comparisons.find("c1") == comparison
    assert PersonalStore(store, NOBODY_SIGNS_IN).comparisons.find("c1") is None
    ann.comparisons.share("c1", set())
    assert (bob.comparisons.find("c1"), bob.runs_of(comparison), list(bob.comparisons.list_shared())) == (None, {}, [])


def test_whom_a_comparison_is_shared_with_may_vote_and_change_nothing(ann, bob, store, run, comparison, now):
    ann.comparisons.share("c1", {"bob@example.com"})
    assert bob.comparisons.get("c1") is None
    assert bob.comparisons.change("c1", lambda c: replace(c, notes="Bob was here"), now) is None
    assert not bob.comparisons.delete("c1")
    bob.comparisons.share("c1", {EVERYBODY})
    assert (ann.comparisons.list_shares("c1"), bob.comparisons.list_shares("c1")) == ({"bob@example.com"}, set())
    assert bob.runs.get(run.id) is None
    bob.comparisons.ask([Vote("v1", "c1", "voter", "Overall", "l1", "l2", "One", "Two", now)])
    assert [vote.id for vote in ann.comparisons.votes()] == [vote.id for vote in bob.comparisons.votes()] == ["v1"]
    assert list(ann.comparisons.list()) == [comparison]
    assert ann.comparisons.delete("c1")
    store.comparisons.add(comparison)
    assert bob.comparisons.find("c1") is None


def test_an_operator_sees_what_everybody_spends_and_no_prompts(store, run, now):
    access = Access(operators=frozenset({"bob@example.com"}))
    plain, bob = access.with_role(ANN), access.with_role(BOB)
    assert (plain.operator, bob.operator, bob.sees_prompts) == (False, True, False)
    assert not access.with_role(Person("x")).operator
    since = now - timedelta(days=1)
    seen = PersonalStore(store, bob)
    assert [each.owner for each in seen.list_spending(since, everybody=True)] == ["ann"]
    assert list(seen.list_spending(since)) == list(seen.runs.list_of_everybody()) == []
    assert list(PersonalStore(store, plain).list_spending(since, everybody=True)) != []
    assert list(PersonalStore(store, Person("eve")).list_spending(since, everybody=True)) == []
    seeing = replace(access, operators_see_prompts=True).with_role(BOB)
    assert list(PersonalStore(store, seeing).runs.list_of_everybody()) == [run]
    assert (PersonalStore(store, seeing).runs.get(run.id), seeing.sees_prompts) == (None, True)


def test_people_are_known_by_the_name_they_last_had(store, ann, bob, now):
    ann.greet(now)
    bob.greet(now)
    PersonalStore(store, replace(ANN, name="Ann Lee")).greet(now)
    assert [(p.id, p.title) for p in bob.list_people()] == [("ann", "Ann Lee"), ("bob", "Bob")]


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


def test_only_an_operator_who_may_see_prompts_reads_the_library_of_another(ann, bob, store, run):
    whose = View(person=run.owner)
    assert (ann.library.find(whose, limit=9).total, bob.library.find(whose, limit=9).total) == (1, 0)
    assert bob.library.neighbours(whose, run.id) == ("", "")
    assert (ann.runs.look_at(run.id), bob.runs.look_at(run.id)) == (run, None)
    for sees in (False, True):
        operator = PersonalStore(store, replace(BOB, operator=True, sees_prompts=sees))
        assert operator.library.find(whose, limit=9).total == sees
        assert (operator.runs.look_at(run.id) is not None) is sees
        assert operator.runs.get(run.id) is None
        operator.library.star([run.id], True)
    assert not ann.library.items([run.id])[run.id].starred
