"""The library in the store, on SQLite and on PostgreSQL: finding, paging, and what a person keeps about runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.compare.nouns import Comparison, Lane
from dailies.domain import Clip
from dailies.library import AS_ASKED, DIFFERENT, Lineage, Sort, View
from dailies.money import Money
from dailies.store import Store
from dailies.store.library import LAST
from dailies.store.words import split_search, split_words
from dailies.vocabulary import Kinship, RunState
from dailies.work.housekeeping import UNDO, sweep

S = timedelta(seconds=1)
CLIP = Clip("c.mp4", "c.jpg", 10, 5.0, 64, 48, 24.0, "h264", "aac")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def make(make_run, now):
    """Make a finished run with a clip: `seconds` long, asked for 5 s, after a wait of `wait` seconds."""

    def finished(prompt="A paper boat", seconds=5.0, wait=10.0, values=None, **changes):
        run = make_run(state=RunState.DONE, sent=now, finished=now + wait * S)
        request = replace(run.request, prompt=prompt, values=values or {"seconds": 5})
        clip = replace(CLIP, file=f"{run.id}.mp4", poster=f"{run.id}.jpg", seconds=seconds)
        return replace(run, **{"request": request, "clip": clip} | changes)

    return finished


def ids(page):
    return [item.run for item in page.items]


def test_words_of_every_script_are_split_the_same():
    assert split_words("A Café, ÜBER_dem-Meer 4K") == ["a", "cafe", "uber", "dem", "meer", "4k"]
    assert split_words("一只纸船 boat") == ["一", "只", "纸", "船", "boat"]
    assert split_search("  纸船  paper-bo ---") == [["纸", "船"], ["paper", "bo"]]


def test_a_search_finds_prompt_model_tag_and_note(store, make, now):
    boat = store.runs.add(make("A paper boat on the Møllerån's café"))
    chinese = store.runs.add(make("一只纸船在海上"))
    store.library.tag("me", [boat.id], "Client Ä")
    store.library.write_note("me", chinese.id, "too dark; it's 'odd' & (loud) \\ !")

    def found(search):
        return set(ids(store.library.find("me", View(search=search), limit=9)))

    assert found("pap BOAT cafe") == found("client a") == found("fam-1 boat") == {boat.id}
    assert found("纸船") == found("dark 'odd'") == found("(loud) & !") == {chinese.id}
    assert found("船纸") == found("oat") == found("clientele") == set()
    assert found("") == found("* \" ' & | ! \\ :") == {boat.id, chinese.id}
    store.library.untag("me", [boat.id], "Client Ä")
    store.library.write_note("me", chinese.id, "")
    assert found("client") == found("dark") == set()
    assert found("boat") == {boat.id}


def test_a_view_filters(store, make, now):
    short = store.runs.add(make(seconds=3.0, created=now - 9 * S))
    plain = store.runs.add(make(created=now))
    failed = store.runs.add(make(state=RunState.FAILED, clip=None, gateway="other"))
    store.runs.add(make(owner="you"))
    store.library.star("me", [plain.id], True)
    store.library.tag("me", [short.id], "one")
    picked = store.library.collect("me", "Reel", [short.id, failed.id], now)

    def found(**view):
        return set(ids(store.library.find("me", View(**view), limit=9)))

    assert found() == {short.id, plain.id, failed.id}
    assert found(delivered=AS_ASKED) == found(starred=True) == found(since=now, states=(RunState.DONE,)) == {plain.id}
    assert found(delivered=DIFFERENT) == found(delivered="length") == found(tag="one") == found(until=now) == {short.id}
    assert found(gateway="other") == found(states=(RunState.FAILED,)) == {failed.id}
    assert found(collection=picked) == {short.id, failed.id}
    assert found(model="fam") == found(family="x") == found(mode="text") == found(delivered="sound") == set()
    choices = store.library.choices("me")
    assert choices.models == {"fam-1": 3}
    assert (choices.tags, choices.differences) == ({"one": 1}, {"length": 1})
    assert [(one.name, one.runs) for one in store.library.collections("me")] == [("Reel", 2)]


@pytest.mark.parametrize("sort", Sort)
def test_every_page_is_reached_from_both_ends(local, make, now, sort):
    prices = [None, Money(Decimal("0.5"), "USD"), Money(Decimal(2), "USD")]
    kept = [
        local.runs.add(
            make(seconds=float(n % 3 + 3), wait=float(n % 4), created=now + (n // 2) * S, estimate=prices[n % 3])
        )
        for n in range(7)
    ]
    local.runs.add(make(state=RunState.FAILED, clip=None, created=now - S))
    view = View(sort=sort)
    whole = ids(local.library.find("me", view, limit=100))
    assert sorted(whole) == sorted({run.id for run in kept} | set(whole))
    assert len(whole) == 8
    forth, page = [], local.library.find("me", view, limit=3)
    assert page.before == ""
    while True:
        forth += ids(page)
        if not page.after:
            break
        page = local.library.find("me", view, limit=3, after=page.after)
    back, page = [], local.library.find("me", view, limit=3, before=LAST)
    assert page.after == ""
    while True:
        back = ids(page) + back
        assert page.total == 8
        if not page.before:
            break
        page = local.library.find("me", view, limit=3, before=page.before)
    assert forth == back == whole


def test_a_cursor_that_nobody_wrote_is_none(local, make):
    run = local.runs.add(make())
    for cursor in ("x", "2026~", "~1", "1~1"):
        assert ids(local.library.find("me", View(), limit=3, after=cursor)) == [run.id]


def test_a_deleted_run_is_hidden_comes_back_and_keeps_its_place(store, make, now):
    run, open_one = store.runs.add(make()), store.runs.add(make(state=RunState.RUNNING, clip=None))
    before = store.revision()
    assert store.library.delete("you", [run.id], now) == []
    assert store.library.delete("me", [run.id, open_one.id], now) == [run.id]
    assert store.changed_since(before)[1].keys() == {run.id}
    assert [r.id for r in store.runs.list("me")] == ids(store.library.find("me", View(), limit=9)) == [open_one.id]
    assert ids(store.library.find("me", View(deleted=True), limit=9)) == [run.id]
    assert store.runs.of("me", [run.id])
    store.library.restore("me", [run.id])
    assert store.runs.count("me") == 2


def test_files_follow_a_deletion_after_its_grace_but_for_a_comparison(local, make, now):
    runs = [local.runs.add(make()) for _ in range(3)]
    local.comparisons.add(Comparison("c", "me", now, now, lanes=(Lane("one", run=runs[0].id),)))
    files = [local.files.clip_path(name) for run in runs for name in (run.clip.file, run.clip.poster)]
    for file in files:
        file.write_bytes(b"x")
    made = max(file.stat().st_mtime for file in files)
    local.library.delete("me", [runs[0].id, runs[1].id], datetime.fromtimestamp(made, UTC))
    assert sweep(local, made + UNDO.total_seconds() - 1) == []  # the files are old enough, the deletion is not
    gone = sorted((runs[1].clip.file, runs[1].clip.poster))
    assert sweep(local, made + UNDO.total_seconds() + 1) == gone


def test_saving_a_run_keeps_what_a_person_kept_about_it(store, make):
    run = store.runs.add(make(state=RunState.RUNNING, clip=None, sent=None, finished=None))
    store.library.star("me", [run.id], True)
    store.library.tag("me", [run.id], "keep")
    store.library.write_note("me", run.id, "mine")
    done = store.runs.save(replace(run, state=RunState.DONE, clip=replace(CLIP, seconds=3.0)))
    assert done is not None
    (item,) = store.library.find("me", View(search="keep mine boat"), limit=9).items
    assert (item.starred, item.tags, item.note, item.state) == (True, ("keep",), "mine", RunState.DONE)
    assert item.differs == ("length",)
    store.runs.delete(run.id)
    assert store.library.find("me", View(search="boat"), limit=9).total == 0


def test_nobody_keeps_anything_about_the_runs_of_others(local, make, now):
    run = local.runs.add(make(owner="you"))
    local.library.star("me", [run.id], True)
    local.library.tag("me", [run.id], "mine")
    local.library.write_note("me", run.id, "mine")
    local.library.collect("me", "Reel", [run.id], now)
    assert not local.library.items("me", [run.id])
    item = local.library.items("you", [run.id])[run.id]
    assert (item.starred, item.tags, item.note) == (False, (), "")
    assert local.library.collections("me")[0].runs == 0


def test_a_family_tree_is_found_from_any_of_its_runs(store, make):
    root = store.runs.add(make())
    child = store.runs.add(make(parent=root.id, kinship=Kinship.FRAME, frame=2.5))
    grandchild = store.runs.add(make(parent=child.id))
    store.runs.add(make(parent="gone"))
    store.runs.add(make(owner="you", parent=root.id))
    tree = [
        (root.id, None),
        (child.id, Lineage(root.id, Kinship.FRAME, 2.5)),
        (grandchild.id, Lineage(child.id, Kinship.CONTINUED)),
    ]
    for run in (root, child, grandchild):
        assert [(item.run, lineage) for item, lineage in store.library.relatives("me", run.id)] == tree
    back = store.runs.get(child.id)
    assert (back.kinship, back.frame) == (Kinship.FRAME, 2.5)


def test_a_collection_is_made_once_and_dissolved_without_its_runs(local, make, now):
    run = local.runs.add(make())
    one = local.library.collect("me", "Reel", [], now)
    assert local.library.collect("me", "Reel", [run.id], now) == one
    local.library.collect("you", "Reel", [], now)
    local.library.take_out("me", one, [run.id])
    assert [each.runs for each in local.library.collections("me")] == [0]
    local.library.dissolve("you", one)
    assert len(local.library.collections("me")) == 1
    local.library.dissolve("me", one)
    assert local.library.collections("me") == []
    assert local.runs.get(run.id)


def test_a_note_that_two_pages_change_keeps_what_both_wrote(store, make):
    run = store.runs.add(make())
    assert store.library.write_note("me", run.id, "from one", "") == "from one"
    assert store.library.write_note("me", run.id, "from the other", "") == "from one\nfrom the other"
    assert store.library.write_note("me", run.id, "", "from one") == "from one\nfrom the other"
    assert store.library.write_note("me", run.id, "mine now", "from one\nfrom the other") == "mine now"
    assert store.library.items("me", [run.id])[run.id].note == "mine now"
    assert store.library.write_note("you", run.id, "not mine", "") == "not mine"
    assert store.library.items("me", [run.id])[run.id].note == "mine now"
