"""Exports: the player's spec, JSON, CSV and pages; nothing secret in any of them, and no name in a blind one."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from random import Random
from types import SimpleNamespace

import av
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from components.compare.export import render_film
from components.html import present
from components.html.document import render
from components.html.exported import Source, build_archive, build_blind_archive, build_blind_page, build_page
from components.html.present import Slide
from components.html.specs import build_spec
from dailies.compare.ballots import new_file_voter
from dailies.compare.export import list_finished, write_csv, write_json
from dailies.compare.nouns import Arrangement, Comparison, Idea, Lane, Outcome, Unequal, View, Vote
from dailies.compare.ratings import draw_round
from dailies.domain import Clip, Failure, Reference
from dailies.errors import DailiesError
from dailies.media.clips import poster
from dailies.media.measure import probe
from dailies.people import Person
from dailies.settings import Settings
from dailies.store import Store
from dailies.store.personal import PersonalStore
from dailies.vocabulary import MediaKind, RunState

SECRETS = ("sk-very-secret", "X-Signature", "hosted.example", "user:pass", "cr-opaque-77")
NASTY = "</script><script>document.title='owned'</script><!-- & \u2028 <img src=x onerror=alert(1)>"


def clip_of(path) -> Clip:
    facts = probe(path)
    poster(path, path.with_suffix(".jpg"))
    return Clip(
        path.name,
        path.with_suffix(".jpg").name,
        path.stat().st_size,
        facts.seconds,
        facts.width,
        facts.height,
        facts.frame_rate,
        facts.video_codec,
        facts.audio_codec,
    )


@pytest.fixture
def folder(tmp_path, make_film):
    folder = tmp_path / "clips"
    folder.mkdir()
    plain = make_film(tmp_path / "plain.mp4", seconds=1, sound=True)
    with av.open(str(plain)) as read, av.open(str(folder / "r1.mp4"), "w") as tagged:
        tagged.metadata["title"] = "made by alpha-1"
        streams = [tagged.add_stream_from_template(stream) for stream in read.streams]
        for packet in read.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                tagged.mux(packet)
    make_film(folder / "r2.mp4", seconds=1.5)
    make_film(folder / "elsewhere.mp4", seconds=0.5, size=(48, 64))
    return folder


@pytest.fixture
def runs(make_run, now, folder):
    done = make_run(id="r1", state=RunState.DONE, credential="cr-opaque-77", clip=clip_of(folder / "r1.mp4"), sent=now)
    signed = "https://user:pass@hosted.example/a.png?X-Signature=1"
    picture = Reference("a.png", MediaKind.IMAGE, digest="ab" * 32, hosted=signed, size=3)
    link = Reference("b.png", MediaKind.IMAGE, url="https://pictures.test/b.png?X-Signature=1")
    asset = Reference("asset://asset-of-somebody", MediaKind.IMAGE, asset="asset-of-somebody")
    request = replace(
        done.request,
        model="alpha-1",
        values={"seconds": 8, "negative_prompt": "-blur"},
        references={"references": (picture, link, asset)},
        metadata={"api_key": "sk-very-secret", "deep": [{"at": "https://x.test/v?X-Signature=2"}], "keyframes": 3},
    )
    failed = make_run(id="r3", state=RunState.FAILED)
    failure = Failure("fetching", "No answer from https://x.test/clip.mp4?X-Signature=3.", "Try again.", "Not charged.")
    return {
        "r1": replace(done, request=request),
        "r2": make_run(id="r2", state=RunState.DONE, clip=clip_of(folder / "r2.mp4")),
        "r3": replace(failed, failure=failure),
    }


@pytest.fixture
def comparison(now, folder):
    lanes = (
        Lane("one", "famine", "e", "alpha-1", run="r1", offset=0.25, stars=4, tags=("sharp",), comment="=cmd()"),
        Lane(
            "two",
            "famine",
            "e",
            "beta-2",
            run="r2",
            overrides={"seconds": 5},
            announced=("8 s asked, beta-2 took 5 s",),
        ),
        Lane("three", "famine", "e", "gamma-3", run="r3", refused=""),
        Lane("four", title="gamma film", clip=clip_of(folder / "elsewhere.mp4")),
        Lane("five", "famine", "e", "delta-4", refused="It takes no first frame.", overrides={"audio": "on"}),
    )
    view = View(Arrangement.WIPE, ("two", "three"), heard="one", unequal=Unequal.LOOP, speed=0.5)
    idea = Idea(prompt=f"A boat as alpha-1 would, {NASTY}", values={"seconds": 8})
    criteria = ("Motion like Beta-2", "Light")
    return Comparison("c1", "", now, now, f"Boats {NASTY}", idea, lanes, view, criteria, "Look at gamma film")


@pytest.fixture
def source(comparison, runs, folder):
    return Source(comparison, runs, (), lambda name: folder / name)


@pytest.fixture
def questions(source, now):
    return draw_round(source.comparison, [e.lane for e in source.finished], new_file_voter(), now, Random(1))


# --- the player's record -----------------------------------------------------------------------------------------


def test_only_finished_clips_are_shown_each_under_its_own_letter(comparison, runs):
    assert [(e.letter, e.lane.id) for e in list_finished(comparison, runs)] == [
        ("A", "one"),
        ("B", "two"),
        ("D", "four"),
    ]
    assert list_finished(comparison, {}) == list_finished(comparison, {"r3": runs["r3"]})


def test_the_player_is_told_what_is_there(comparison, runs):
    known = {"r1.mp4": (0.0, 0.5)}
    spec = build_spec(comparison, runs, "/clips/{}".format, times=known.get)
    first, second, third = spec["clips"]
    assert first == {
        "id": "one",
        "name": "alpha-1",
        "letter": "A",
        "src": "/clips/r1.mp4",
        "poster": "/clips/r1.jpg",
        "seconds": runs["r1"].clip.seconds,
        "width": 64,
        "height": 48,
        "frameRate": 24.0,
        "times": [0.0, 0.5],
        "sound": True,
        "offset": 0.25,
        "note": "",
    }
    assert (second["times"], second["sound"], third["name"]) == (None, False, "gamma film")
    assert spec["view"] == {
        "arrangement": "wipe",
        "pair": ["two", "one"],  # lane three has no clip: the first that is left takes its place
        "heard": "one",
        "unequal": "loop",
        "speed": 0.5,
        "loop": True,
        "names": True,
    }
    assert spec["mode"] == "full"
    json.dumps(spec)


def test_who_has_no_sound_is_not_heard(comparison, runs):
    silent = replace(comparison, view=replace(comparison.view, heard="two"))
    assert build_spec(silent, runs, str)["view"]["heard"] == ""


def test_names_are_hidden_where_they_must_be(comparison, runs):
    assert build_spec(comparison, runs, str, mode="present")["view"]["names"] is False
    vote = build_spec(comparison, runs, str, mode="vote")
    assert vote["view"]["names"] is False
    assert {clip["name"] for clip in vote["clips"]} == {""}


# --- JSON and CSV ------------------------------------------------------------------------------------------------


def test_the_document_is_complete(comparison, runs, now):
    votes = [
        Vote("v1", "c1", "Light", "one", "two", "a", "b", "x", now, Outcome.LEFT),
        Vote("v2", "c1", "Light", "two", "one", "b", "a", "y", now, Outcome.LEFT),
        Vote("v3", "c1", "Light", "two", "one", "b", "a", "z", now, Outcome.BAD),
        Vote("v4", "c1", "Light", "one", "two", "a", "b", "z", now, Outcome.TIE, void=True),
        Vote("v5", "c1", "Light", "one", "two", "a", "b", "z", now),
    ]
    document = json.loads(write_json(comparison, runs, votes))
    assert (document["format"], document["version"]) == ("dailies comparison", 1)
    assert document["comparison"]["idea"]["prompt"] == comparison.idea.prompt
    one, two, three, four, five = document["lanes"]
    assert one["request"]["values"] == {"seconds": 8, "negative_prompt": "-blur"}
    assert one["differences"] == ["Asked 8 s, got 1.0 s."]
    assert (one["clip"]["file"], one["clip"]["width"], one["stars"]) == ("A-alpha-1.mp4", 64, 4)
    assert (two["overrides"], two["announced"]) == ({"seconds": 5}, ["8 s asked, beta-2 took 5 s"])
    assert (three["state"], three["clip"], three["failure"]["charge"]) == ("failed", None, "Not charged.")
    assert (four["state"], four["request"], four["clip"]["file"]) == ("made elsewhere", None, "D-gamma-film.mp4")
    assert (five["state"], five["refused"]) == ("not sent", "It takes no first frame.")
    assert document["votes"] == [
        {
            "criterion": "Light",
            "one": "one",
            "two": "two",
            "for_one": 1,
            "for_two": 1,
            "ties": 0,
            "both_bad": 1,
        }
    ]
    assert document["fairness"]["columns"] == ["A", "B", "C", "D", "E"]
    assert {row["group"] for row in document["fairness"]["rows"]} >= {"Asked", "Delivered"}


def test_no_secret_is_handed_on(source, questions):
    comparison, runs = source.comparison, source.runs
    held = zipfile.ZipFile(io.BytesIO(build_archive(source)))
    texts = [
        write_json(comparison, runs, ()),
        write_csv(comparison, runs),
        build_page(source),
        build_blind_page(source, questions),
    ]
    texts += [held.read(name).decode() for name in ("index.html", "comparison.json", "comparison.csv")]
    for text in texts:
        assert [secret for secret in SECRETS if secret in text] == []
    metadata = json.loads(texts[0])["lanes"][0]["request"]["metadata"]
    assert metadata == {"api_key": "left out", "deep": [{"at": "https://x.test/v"}], "keyframes": 3}
    given = json.loads(texts[0])["lanes"][0]["request"]["references"]["references"]
    assert [(r["given_as"], r["name"]) for r in given] == [
        ("file", "a.png"),
        ("link", "https://pictures.test/b.png"),
        ("asset", "asset://asset-of-somebody"),
    ]


def test_the_table_opens_safely_in_a_spreadsheet(comparison, runs):
    text = write_csv(comparison, runs)
    one, two, three, four, five = csv.DictReader(io.StringIO(text))
    assert (one["comment"], one["sent negative_prompt"]) == ("'=cmd()", "'-blur")
    assert (one["asked seconds"], one["sent seconds"], one["differences"]) == ("8", "8", "Asked 8 s, got 1.0 s.")
    assert (two["asked seconds"], two["announced"]) == ("5", "8 s asked, beta-2 took 5 s")
    assert (three["state"], three["width"], four["name"], five["refused"]) == (
        "failed",
        "",
        "gamma film",
        "It takes no first frame.",
    )
    assert (one["asked seconds"], five["asked audio"]) == ("8", "on"), "a value of one lane has its column too"
    late = comparison.with_lane(replace(comparison.lanes[0], offset=-0.5))
    assert next(csv.DictReader(io.StringIO(write_csv(late, runs))))["offset"] == "-0.5", "a number is no formula"
    assert write_csv(replace(comparison, lanes=()), {}) == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", " \t@", "\t", "\r", "＝", "＋"])
def test_text_that_a_spreadsheet_may_run_is_disarmed(comparison, runs, start):
    nasty = f"{start}1+1"
    lane = replace(comparison.lanes[1], model=nasty, comment=nasty, tags=(nasty,), overrides={"seconds": nasty})
    changed = replace(comparison, lanes=(lane,), idea=replace(comparison.idea, prompt=nasty))
    (row,) = csv.DictReader(io.StringIO(write_csv(changed, runs)))
    for column in ("name", "model", "prompt", "comment", "tags", "asked seconds"):
        assert row[column] == f"'{nasty}", column


# --- the page and the ZIP ----------------------------------------------------------------------------------------


def data_of(html: str):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_nothing_that_was_typed_becomes_part_of_the_page(source):
    html = build_page(source)
    assert "<script>document.title" not in html
    assert "<img src=x" not in html
    assert html.count("<script") == html.count("</script>") == 2
    assert data_of(html)["clips"][0]["name"] == "alpha-1"


@pytest.mark.parametrize("value", [{"a": NASTY}, {NASTY: ["]]>", "--><b>", "\u2029"]}])
def test_json_in_a_script_comes_back_and_cannot_end_it(value):
    parts = dict.fromkeys(("title", "style", "script", "nothing", "code", "link"), "")
    html = render("present.html", data=value, media="'self'", **parts)
    text = re.search(r'id="data">(.*)</script>\n<script>', html, re.DOTALL)[1]
    assert not set(text) & set("<>&")
    assert json.loads(text) == value


def test_the_policy_runs_our_script_alone_and_reaches_nothing(source):
    html = build_page(source)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1].replace("&#39;", "'")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].startswith("'sha256-")
    assert rules["media-src"] == rules["img-src"] == rules["connect-src"] == "data: blob:", "no network is in these"
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)


def test_the_page_holds_its_clips(source, folder):
    clips = data_of(build_page(source))["clips"]
    for clip, name in zip(clips, ("r1", "r2", "elsewhere"), strict=True):
        for address, kind, file in (
            (clip["src"], "video/mp4", folder / f"{name}.mp4"),
            (clip["poster"], "image/jpeg", folder / f"{name}.jpg"),
        ):
            head, _, text = address.partition(",")
            assert head == f"data:{kind};base64"
            assert base64.b64decode(text) == file.read_bytes()
        assert clip["times"][0] == 0
        assert len(clip["times"]) == round(clip["seconds"] * 24)


def test_the_page_says_what_was_judged_and_what_was_fair(source):
    html = build_page(source)
    for words in ("4 of 5", "sharp", "=cmd()", "Light", "Look at gamma film", "It takes no first frame.", "beta-2"):
        assert words in html
    assert "<caption>What differs</caption>" in html
    assert re.search(r"<details><summary>What is equal: \d+ conditions</summary>", html)
    assert html.count('<th scope="col">') > 5


def test_a_page_without_clips_says_so(source):
    html = build_page(
        replace(source, runs={}, comparison=replace(source.comparison, lanes=source.comparison.lanes[:3]))
    )
    assert "No clip of this comparison is finished." in html


def test_the_archive_holds_the_clips_beside_the_page(source, folder):
    held = zipfile.ZipFile(io.BytesIO(build_archive(source)))
    assert held.testzip() is None
    clips = data_of(held.read("index.html").decode())["clips"]
    names = ("A-alpha-1", "B-beta-2", "D-gamma-film")
    assert [clip["src"] for clip in clips] == [f"clips/{name}.mp4" for name in names]
    assert {clip[kind] for clip in clips for kind in ("src", "poster")} <= set(held.namelist())
    assert held.read("clips/A-alpha-1.mp4") == (folder / "r1.mp4").read_bytes()
    assert json.loads(held.read("comparison.json"))["format"] == "dailies comparison"
    assert held.read("comparison.csv").startswith(b"\xef\xbb\xbf")


# --- blind -------------------------------------------------------------------------------------------------------

NAMES = ("alpha-1", "beta-2", "gamma-3", "gamma film", "gamma-film", "delta-4", "famine")


def unpacked(html: str) -> bytes:
    """The page with every embedded file as its bytes."""
    embedded = re.findall(r"data:[\w/]+;base64,([A-Za-z0-9+/]+=*)", html)
    assert len(embedded) == 6
    return html.encode() + b"".join(base64.b64decode(text) for text in embedded)


def test_a_blind_page_names_nobody(source, questions, folder):
    assert b"alpha-1" in (folder / "r1.mp4").read_bytes()
    text = unpacked(build_blind_page(source, questions)).lower()
    assert [name for name in NAMES if name.encode() in text] == []
    assert b"fairness" not in text
    assert b"a boat as \xe2\x80\xa6 would" in text, "the prompt stands there without the name"


def test_a_blind_archive_names_nobody(source, questions):
    held = zipfile.ZipFile(io.BytesIO(build_blind_archive(source, questions)))
    files = {f"clips/{n}.{suffix}" for n in (1, 2, 3) for suffix in ("mp4", "jpg")}
    assert set(held.namelist()) == {"index.html", *files}
    text = b"".join(held.read(name) for name in held.namelist()).lower()
    assert [name for name in NAMES if name.encode() in text] == []


def test_a_blind_page_asks_the_stored_questions_on_their_stored_sides(source, questions, runs):
    data = data_of(build_blind_page(source, questions))
    assert [(q["id"], q["criterion"]) for q in data["questions"]] == [
        (q.id, q.criterion.replace("Beta-2", "…")) for q in questions
    ]
    seconds = {each.lane.id: each.clip.seconds for each in source.finished}
    for written, stored in zip(data["questions"], questions, strict=True):
        assert data["clips"][written["left"]]["seconds"] == seconds[stored.left]
        assert data["clips"][written["right"]]["seconds"] == seconds[stored.right]
    assert not {each.lane.id for each in source.finished} & set(data["clips"])


def test_numbers_of_clips_are_drawn_for_every_file(source, questions, folder):
    """Else a second file would tell which clip is which in the first."""
    data, files = set(), set()
    for _ in range(10):
        held = zipfile.ZipFile(io.BytesIO(build_blind_archive(source, questions)))
        clips = data_of(held.read("index.html").decode())["clips"]
        data.add(tuple(clips[number]["seconds"] for number in sorted(clips)))
        files.add(tuple(len(held.read(f"clips/{number}.mp4")) for number in (1, 2, 3)))
    assert len(data) > 1
    assert len(files) > 1


def test_one_film_of_all(source, tmp_path):
    (tmp_path / "named.mp4").write_bytes(render_film(source, blind=False))
    (tmp_path / "blind.mp4").write_bytes(render_film(source, blind=True))
    facts = probe(tmp_path / "named.mp4")
    assert facts.audio_codec == "aac"
    assert facts.seconds == pytest.approx(1.5, abs=0.05)
    assert (tmp_path / "named.mp4").read_bytes() != (tmp_path / "blind.mp4").read_bytes()


# --- presenting --------------------------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path, folder, comparison, runs, monkeypatch):
    """The endpoint on a store of its own, with three comparisons in it."""
    settings = Settings(tmp_path / "home")
    store = Store(settings.home, "")
    for run in runs.values():
        store.runs.add(replace(run, owner=comparison.owner))
    for file in folder.iterdir():
        (store.files.clips / file.name).write_bytes(file.read_bytes())
    for number in (1, 2, 3):
        store.comparisons.add(replace(comparison, id=f"c{number}", title=f"Number {number}", lanes=comparison.lanes))
    store.comparisons.change("c3", lambda c: replace(c, lanes=()), comparison.updated + timedelta(1))
    own = SimpleNamespace(store=PersonalStore(store, Person(comparison.owner)))
    services = SimpleNamespace(settings=settings, of=lambda _: own)
    monkeypatch.setattr("components.html.present.open_services", lambda: services)
    with TestClient(Starlette(routes=[Route("/present", present.present)])) as client:
        yield SimpleNamespace(get=client.get, settings=settings)
    store.close()


def test_present_shows_a_playlist_from_where_it_is_entered(served):
    answer = served.get("/present?c=c2&list=c1,c2,c2,gone,c3")
    assert answer.status_code == 200
    data = data_of(answer.text)
    assert (data["start"], [len(slide["spec"]["clips"]) for slide in data["slides"]]) == (1, [3, 3, 0])
    assert {slide["spec"]["mode"] for slide in data["slides"]} == {"present"}
    assert data["shown"] == {"title": False, "prompt": False}
    token = data["slides"][0]["spec"]["clips"][0]["src"].removeprefix("clips/")
    assert served.settings.signer.clip_of(token) == "r1.mp4"


def test_a_single_clip_is_presented_without_a_comparison(runs):
    run = next(iter(runs.values()))
    data = data_of(present.build_page([present.show_run(run)], str, lambda _: None, prompt=True))
    (slide,) = data["slides"]
    assert [clip["src"] for clip in slide["spec"]["clips"]] == [run.clip.played]
    assert slide["prompt"] == run.request.prompt
    assert slide["spec"]["view"]["names"] is False


def test_present_shows_no_more_than_the_most(served, monkeypatch):
    monkeypatch.setattr(present, "MOST", 2)
    titles = [slide["title"] for slide in data_of(served.get("/present?list=c2,c1,c3&title=1").text)["slides"]]
    assert titles == ["Number 2", "Number 1"]


def test_present_shows_title_and_prompt_where_asked(served):
    data = data_of(served.get("/present?c=c1&title=1&prompt=1").text)
    assert data["shown"] == {"title": True, "prompt": True}
    slide = data["slides"][0]
    assert slide["title"] == "Number 1"
    assert slide["prompt"].startswith("A boat as alpha-1 would")


def test_present_reaches_nothing_else(served):
    headers = served.get("/present?c=c1").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "media-src 'self' blob:;" in policy
    assert "connect-src 'self' blob:;" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("query", ["", "?c=nobody", "?list=,,"])
def test_present_without_a_comparison_says_so(served, query):
    answer = served.get(f"/present{query}")
    assert answer.status_code == 404
    assert "Nothing to present here." in answer.text


def test_a_clip_that_is_gone_does_not_stop_presenting(comparison, runs):
    html = present.build_page([Slide(comparison, runs)], str, lambda _: None)
    assert data_of(html)["slides"][0]["spec"]["clips"][0]["times"] is None


def test_a_page_is_escaped_by_default():
    parts = dict.fromkeys(("title", "media", "nothing", "code", "link"), NASTY)
    html = render("present.html", style="", script="", data={"x": NASTY}, **parts)
    assert "<script>document" not in html
    assert "<img" not in html


def test_a_lost_clip_is_an_error_in_words(source, folder):
    (folder / "r1.mp4").unlink()
    with pytest.raises(DailiesError):
        render_film(source, blind=False)
