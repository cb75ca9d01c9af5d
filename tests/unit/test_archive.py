"""A library goes out and comes in elsewhere: the same runs, clips and search results, no key, and nothing is sent."""

from __future__ import annotations

import csv
import io
import json
import stat
import warnings
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dailies.archive.pack import Folder, Zip, pack_library, stream_runs
from dailies.archive.source import FolderSource, ZipSource
from dailies.archive.unpack import take_in
from dailies.catalog.load import load
from dailies.cli import main
from dailies.compare.nouns import Comparison, Lane, Outcome, Vote
from dailies.domain import Clip
from dailies.errors import DailiesError
from dailies.library import View
from dailies.store import Store
from dailies.vocabulary import Kinship, RunState

CLIP = Clip("", "", 10, 5.0, 64, 48, 24.0, "h264", "aac")


@pytest.fixture
def stores(tmp_path: Path):
    opened = [Store(tmp_path / name) for name in ("one", "other")]
    yield opened
    for store in opened:
        store.close()


@pytest.fixture
def full(stores, make_run, now):
    """A library with a finished, a failed and a deleted run, one under way, and a comparison with a vote."""
    one = stores[0]
    digest = one.files.keep(b"a reference")
    runs = []
    for number, prompt in enumerate(("=A paper boat", "一只纸船", "Gone")):
        made = make_run(
            created=now + timedelta(minutes=number),
            press=f"p{number}",
            task=f"t{number}",
            link="https://x.test/v?sig=1",
        )
        held = {"first_frame": tuple(replace(r, digest=digest) for r in made.request.references["first_frame"])}
        clip = replace(CLIP, file=f"{made.id}.mp4", poster=f"{made.id}.jpg")
        done = {"state": RunState.DONE, "sent": now, "finished": now, "clip": clip, "due": None}
        runs.append(one.runs.add(replace(made, request=replace(made.request, prompt=prompt, references=held), **done)))
        one.files.clip_path(clip.file).write_bytes(prompt.encode())
        one.files.clip_path(clip.poster).write_bytes(b"p" + prompt.encode())
    runs.append(one.runs.add(make_run(state=RunState.RUNNING, parent=runs[0].id, kinship=Kinship.FRAME, frame=1.5)))
    one.library.star("me", [runs[0].id], True)
    one.library.tag("me", [runs[1].id], "reel")
    one.library.write_note("me", runs[1].id, "too dark")
    one.library.collect("me", "Spring", [runs[0].id], now)
    one.library.delete("me", [runs[2].id], now)
    one.files.clip_path("else.webm").write_bytes(b"made elsewhere")
    lane = Lane("b", title="elsewhere", clip=replace(CLIP, file="else.webm", poster=""))
    one.comparisons.add(Comparison("c", "me", now, now, lanes=(Lane("a", run=runs[0].id), lane), press="pc"))
    one.comparisons.ask([Vote("v", "c", "better", "a", "b", "A", "B", "somebody", now, outcome=Outcome.LEFT)])
    return runs


def plain(run):
    return replace(run, revision=0, place=0, credential="", press="")


@pytest.mark.parametrize("zipped", [False, True])
def test_a_library_moves_whole(stores, full, now, tmp_path, zipped):
    one, other = stores
    if zipped:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            assert len(list(pack_library(one, Zip(archive), "then"))) == 5
        source = ZipSource(tmp_path / "all.zip")
    else:
        list(pack_library(one, Folder(tmp_path / "all"), "then"))
        source = FolderSource(tmp_path / "all")
    taken = take_in(source, other, load(), now)
    assert (taken.runs, taken.comparisons, taken.here, taken.lost) == (4, 1, 0, [])
    assert taken.catalogs == ["then"]
    for run in full[:3]:
        assert plain(other.runs.get(run.id)) == plain(run)
    there = other.runs.get(full[3].id)
    assert (there.state, there.due, there.kinship, there.frame) == (RunState.UNATTENDED, None, Kinship.FRAME, 1.5)
    for path in one.files.list_all():
        assert (other.files.clips / path.name).read_bytes() == path.read_bytes()
    assert other.files.read(full[0].request.references["first_frame"][0].digest) == b"a reference"
    for view in (View(), View(search="纸船 dark"), View(starred=True), View(tag="reel"), View(deleted=True)):
        found = [store.library.find("me", view, limit=9) for store in stores]
        assert [[replace(item, state=None, cost=None) for item in page.items] for page in found[:1]] == [
            [replace(item, state=None, cost=None) for item in page.items] for page in found[1:]
        ] or view == View()
        assert found[0].total == found[1].total > 0
    assert other.library.collections("me")[0].name == "Spring"
    assert replace(other.comparisons.get("c"), revision=0, press="pc") == replace(one.comparisons.get("c"), revision=0)
    assert other.comparisons.votes("c") == one.comparisons.votes("c")
    again = take_in(source, other, load(), now)
    assert (again.runs, again.comparisons, again.here) == (0, 0, 5)
    assert again.differs == {}
    assert set(taken.differs) == {run.id for run in full}  # no catalog knows the model of these tests
    if zipped:
        source.close()


def test_an_archive_holds_no_key_and_its_table_no_formula(stores, full, tmp_path):
    list(pack_library(stores[0], Folder(tmp_path / "all"), "then"))
    written = [path.read_text() for path in (tmp_path / "all").rglob("*.json")]
    assert not any("handle" in text or "credential" in text for text in written)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all" / "runs.csv").read_text("utf-8-sig"))))
    assert [row["prompt"] for row in rows][:2] == ["'=A paper boat", "一只纸船"]
    assert (rows[0]["starred"], rows[1]["tags"], rows[1]["note"]) == ("yes", "reel", "too dark")
    assert (tmp_path / "all" / rows[0]["clip"]).read_bytes() == b"=A paper boat"


def test_a_shared_archive_holds_only_what_was_asked_for_and_no_query_of_a_link(stores, full):
    one = stores[0]
    data = b"".join(stream_runs(one.moving.read_runs("me", [full[0].id, "unknown-run"]), one.files, "then"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        records = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    assert [record["run"]["id"] for record in records] == [full[0].id]
    assert records[0]["run"]["link"] == "https://x.test/v"
    assert list(one.moving.read_runs("you", [full[0].id])) == []


def test_nothing_is_written_over_and_nothing_foreign_is_stored(stores, full, now, tmp_path):
    one, other = stores
    list(pack_library(one, Folder(tmp_path / "all"), "then"))
    other.files.clip_path(full[0].clip.file).write_bytes(b"another film")
    with pytest.raises(DailiesError, match="Nothing was written over"):
        take_in(FolderSource(tmp_path / "all"), other, load(), now)
    assert other.files.clip_path(full[0].clip.file).read_bytes() == b"another film"
    (record,) = (tmp_path / "all").glob("clips/*paper*.json")
    for stored in ("../out.mp4", "page.html", ".x.mp4"):
        document = json.loads(record.read_text())
        name = next(iter(document["files"]))
        record.write_text(json.dumps(document | {"files": {name: stored}}))
        with pytest.raises(DailiesError):
            take_in(FolderSource(tmp_path / "all"), other, load(), now)
    assert other.runs.get(full[0].id) is None
    with pytest.raises(DailiesError, match="no run in this archive"):
        take_in(FolderSource(tmp_path / "other"), other, load(), now)


def _zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], pack: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", pack) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice
        for name, data in entries:
            archive.writestr(name, data)
    return path


def _link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("clips/link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


HOSTILE = {
    "swells": lambda path: _zip(path, ("clips/a.mp4", bytes(30 << 20)), pack=zipfile.ZIP_DEFLATED),
    "leads out": lambda path: _zip(path, ("clips/../../out.json", b"{}")),
    "leads out of it": lambda path: _zip(path, ("/etc/out.json", b"{}")),
    "a link": lambda path: _zip(path, (_link(), b"/etc/passwd")),
    "2 times": lambda path: _zip(path, ("clips/a.json", b"{}"), ("clips/a.json", b"{}")),
    "no ZIP": lambda path: path.write_text("Dear all, here are the clips.") and path,
    "holds no record": lambda path: _zip(path, *((f"{n}.txt", b"") for n in range(10_000))),
    "not one of dailies": lambda path: _zip(path, *((f"clips/{n}.json", b"{}") for n in range(10_000))),
    "no JSON": lambda path: _zip(path, ("clips/a.json", b"[" * 200_000)),
}


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_archive_is_refused_in_a_sentence(stores, now, tmp_path, words):
    path = HOSTILE[words](tmp_path / "hostile.zip")
    with pytest.raises(DailiesError, match=words):
        take_in(ZipSource(path), stores[1], load(), now)
    assert list(stores[1].moving.read_runs()) == []
    assert stores[1].files.list_all() == []


def test_a_damaged_archive_leaves_nothing_half_imported(stores, full, now, tmp_path):
    one, other = stores
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        list(pack_library(one, Zip(archive), "then"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DailiesError, match="only a part"):
        ZipSource(path)
    at = whole.index(b"=A paper boat")  # the bytes of a clip, which no longer fit their checksum
    path.write_bytes(whole[:at] + b"?" + whole[at + 1 :])
    with pytest.raises(DailiesError, match="is damaged"):
        take_in(ZipSource(path), other, load(), now)
    assert list(other.moving.read_runs()) == []
    assert other.files.list_all() == []


def test_what_a_person_imports_is_theirs_and_borrows_no_clip(stores, full, now, tmp_path):
    one, other = stores
    list(pack_library(one, Folder(tmp_path / "all"), "then"))
    taken = take_in(FolderSource(tmp_path / "all"), other, load(), now, owner="you")
    assert (taken.runs, other.library.find("you", View(), limit=9).total) == (4, 3)
    assert (other.comparisons.get("c").owner, list(other.comparisons.votes("c"))) == ("you", [])
    (record,) = (tmp_path / "all").glob("clips/*paper*.json")
    document = json.loads(record.read_text())
    document |= {"files": {}, "run": document["run"] | {"id": "another"}}
    record.write_text(json.dumps(document))
    with pytest.raises(DailiesError, match="another run's here"):
        take_in(FolderSource(tmp_path / "all"), other, load(), now, owner="them")


def test_one_command_each_way(stores, full, tmp_path, monkeypatch):
    run = CliRunner().invoke
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "one"))
    went = run(main, ["export", str(tmp_path / "all.zip")])
    assert (went.exit_code, went.output.split()[0]) == (0, "5")
    assert "exists already" in run(main, ["export", str(tmp_path / "all.zip")]).output
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "new"))
    came = run(main, ["import", str(tmp_path / "all.zip")])
    assert came.exit_code == 0
    assert "4 runs and 1 comparisons came in; 0 were here already." in came.output
