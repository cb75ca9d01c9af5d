"""Media in a bucket that two processes share, each with a home of its own. The bucket is obstore's own, in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from obstore.store import MemoryStore, S3Store

from dailies.errors import DailiesError, MediaError
from dailies.store import Store
from dailies.store.files import Files
from dailies.work.housekeeping import REST, sweep


@pytest.fixture
def bucket(monkeypatch) -> MemoryStore:
    shared = MemoryStore()
    monkeypatch.setattr(S3Store, "from_url", lambda *_, **__: shared)
    return shared


@pytest.fixture
def homes(tmp_path, bucket) -> list[Files]:
    found = []
    for name in ("worker", "app"):
        (tmp_path / name).mkdir()
        found.append(Files(tmp_path / name, "s3://media/dailies"))
    return found


def test_a_clip_of_one_process_is_brought_to_another_once(homes):
    worker, app = homes
    worker.clip_path("a.mp4").write_bytes(b"film")
    assert not app.has_clip("a.mp4")
    assert not app.bring_clip("a.mp4").exists()
    worker.sync("a.mp4")
    assert app.has_clip("a.mp4")
    assert app.bring_clip("a.mp4").read_bytes() == b"film"
    assert app.clip_path("a.mp4").exists()
    assert [path.name for path in app.clips.iterdir()] == ["a.mp4"]


def test_a_reference_uploaded_in_one_process_is_sent_by_another(homes):
    worker, app = homes
    digest = app.keep(b"picture")
    assert worker.read(digest) == b"picture"
    with pytest.raises(MediaError, match="gone"):
        worker.read("0" * 64)


def test_what_is_discarded_is_gone_everywhere_but_its_neighbours_stay(homes):
    worker, app = homes
    for name in ("a.mp4", "a.jpg", "ab.mp4"):
        worker.clip_path(name).write_bytes(b"x")
    worker.sync("a.mp4", "a.jpg", "ab.mp4")
    assert app.has_clip("a.mp4")
    app.discard("a.mp4")
    assert [app.has_clip(name) for name in ("a.mp4", "a.jpg", "ab.mp4")] == [False, False, True]


def test_the_bucket_is_swept_of_what_nothing_names_once_it_is_old(homes):
    worker, app = homes
    for name in ("named.mp4", "left.mp4"):
        worker.clip_path(name).write_bytes(b"x")
    worker.sync("named.mp4", "left.mp4")
    now = datetime.now(UTC)
    assert app.sweep_bucket({"named"}, now - timedelta(hours=1)) == []
    assert app.sweep_bucket({"named"}, now + timedelta(hours=1)) == ["clips/left.mp4"]
    assert [app.has_clip(name) for name in ("named.mp4", "left.mp4")] == [True, False]


def test_old_copies_leave_the_disk_and_come_back_when_they_are_asked_for(tmp_path, bucket):
    store = Store(tmp_path, media_url="s3://media")
    digest = store.files.keep(b"picture")
    later = datetime.now(UTC).timestamp() + 2 * REST
    assert digest in sweep(store, later)
    assert not store.files.path(digest).exists()
    assert store.files.read(digest) == b"picture"
    store.close()


def test_a_bucket_that_fails_is_a_sentence_and_no_missing_file(homes, monkeypatch):
    def fail(*_, **__):
        raise OSError(5, "the object store failed (GenericError)")

    app = homes[1]
    monkeypatch.setattr("dailies.store.bucket.obstore.get", fail)
    monkeypatch.setattr("dailies.store.bucket.obstore.head", fail)
    with pytest.raises(MediaError, match="object store failed"):
        app.bring_clip("a.mp4")
    assert app.has_clip("a.mp4")  # not known to be gone


@pytest.mark.parametrize("url", ["media", "s3://", "https://host/media"])
def test_what_is_no_bucket_is_named(tmp_path, url):
    with pytest.raises(DailiesError, match="s3://bucket"):
        Files(tmp_path, url)


def test_a_bucket_out_of_reach_ends_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setattr("dailies.store.bucket._PATIENCE", timedelta(0))
    with pytest.raises(DailiesError, match="AWS_ENDPOINT_URL") as told:
        Files(tmp_path, "s3://media")
    assert "127.0.0.1:1/" not in str(told.value)
