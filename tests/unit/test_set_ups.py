"""Broken set-ups: each is one line that names the path, the cause and the way out, and never a traceback."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

import dailies.home
from components import providers
from components.server import loaded
from components.server.door import Door, House
from dailies import services
from dailies.catalog.load import load
from dailies.cli import main
from dailies.errors import CatalogError, DailiesError, MediaError, StoreError
from dailies.services import open_services
from dailies.settings import Settings
from dailies.signing import read_secret
from dailies.store import Store, database


def refuse(number: int) -> Callable[..., Any]:
    """A system call that fails as a disk does."""

    def fail(self: Path, *_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number), str(self))

    return fail


def a_file_for_a_home(home: Path, _: pytest.MonkeyPatch) -> None:
    home.write_text("x")


def a_home_below_a_file(home: Path, patch: pytest.MonkeyPatch) -> None:
    home.write_text("x")
    patch.setenv("DAILIES_HOME", str(home / "sub"))


def a_read_only_home(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dailies.home.Path, "write_bytes", refuse(errno.EROFS))


def a_forbidden_home(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dailies.home.Path, "mkdir", refuse(errno.EACCES))


def a_full_disk(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dailies.home.Path, "write_bytes", refuse(errno.ENOSPC))


def a_file_for_a_folder(home: Path, _: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / "clips").write_text("x")


def a_damaged_database(home: Path, _: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / "dailies.db").write_bytes(b"no database " * 1000)


def a_folder_for_a_database(home: Path, _: pytest.MonkeyPatch) -> None:
    (home / "dailies.db").mkdir(parents=True)


def a_newer_library(home: Path, _: pytest.MonkeyPatch) -> None:
    Store(home).close()
    with sqlite3.connect(home / "dailies.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_tomorrow'")
    connection.close()


def variables(**values: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def write(home: Path, patch: pytest.MonkeyPatch) -> None:
        for name, value in values.items():
            patch.setenv(f"DAILIES_{name}", value.replace("HERE", str(home.parent)))

    return write


def a_wrong_file(variable: str, content: bytes) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def write(home: Path, patch: pytest.MonkeyPatch) -> None:
        (home.parent / "wrong.toml").write_bytes(content)
        patch.setenv(f"DAILIES_{variable}", str(home.parent / "wrong.toml"))

    return write


SET_UPS: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], None], tuple[str, ...]]] = {
    "home is a file": (a_file_for_a_home, ("HERE/home", "File exists", "DAILIES_HOME")),
    "home below a file": (a_home_below_a_file, ("HERE/home/sub", "Not a directory", "DAILIES_HOME")),
    "read-only home": (a_read_only_home, ("HERE/home", "Read-only file system", "writable", "DAILIES_HOME")),
    "forbidden home": (a_forbidden_home, ("HERE/home", "Permission denied", "writable", "DAILIES_HOME")),
    "full disk": (a_full_disk, ("HERE/home", "No space left", "Free space")),
    "a file for a folder": (a_file_for_a_folder, ("HERE/home/clips", "File exists", "Move away")),
    "damaged database": (a_damaged_database, ("HERE/home/dailies.db", "not a database", "backup")),
    "database is a folder": (a_folder_for_a_database, ("HERE/home/dailies.db", "unable to open", "writable")),
    "newer library": (a_newer_library, ("HERE/home/dailies.db", "newer version", "Update dailies")),
    "no database URL": (variables(DATABASE_URL="junk"), ("DAILIES_DATABASE_URL", "postgresql://user@host/name")),
    "unknown database": (variables(DATABASE_URL="abc://x/y"), ("DAILIES_DATABASE_URL", "abc", "postgresql://")),
    "unknown driver": (variables(DATABASE_URL="postgresql+x://a/b"), ("DAILIES_DATABASE_URL", "postgresql+x")),
    "wrong port": (variables(DATABASE_URL="postgresql://a:port/b"), ("DAILIES_DATABASE_URL", "postgresql://")),
    "no server": (
        variables(DATABASE_URL="postgresql://me:hidden@127.0.0.1:1/x"),
        ("127.0.0.1:1/x", "refused", "Start PostgreSQL"),
    ),
    "no gateways file": (variables(GATEWAYS="HERE/none.toml"), ("HERE/none.toml", "No such file", "Correct")),
    "gateways is a folder": (variables(GATEWAYS="HERE"), ("HERE", "Is a directory", "Correct")),
    "gateways is no TOML": (a_wrong_file("GATEWAYS", b"\xff"), ("HERE/wrong.toml", "gateways file", "Correct")),
    "no price file": (variables(PRICES="HERE/none.toml"), ("HERE/none.toml", "No such file", "Correct")),
    "prices is a folder": (variables(PRICES="HERE"), ("HERE", "Is a directory", "Correct")),
    "prices is no TOML": (a_wrong_file("PRICES", b"x"), ("HERE/wrong.toml", "not valid TOML", "Correct")),
    "prices has no date": (a_wrong_file("PRICES", b"prices = []"), ("HERE/wrong.toml", "checked", "Correct")),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of a process that has opened nothing yet."""
    for name in [name for name in os.environ if name.startswith("DAILIES_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(services, "_services", None)
    monkeypatch.setattr(database, "_LOCK_SECONDS", 0.05)
    yield tmp_path / "home"
    assert services._services is None


@pytest.mark.parametrize("name", SET_UPS)
def test_a_broken_set_up_is_one_line(name: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, words = SET_UPS[name]
    make(place, monkeypatch)
    with pytest.raises(DailiesError) as caught:
        open_services()
    said = str(caught.value)
    assert all(word.replace("HERE", str(place.parent)) in said for word in words), said
    assert ("\n" in said, said.endswith("."), "hidden" in said) == (False, True, False)
    printed = CliRunner().invoke(
        main, ["generate", "sora_video2", "--prompt", "A boat", "-o", str(place.parent / "a.mp4")]
    )
    assert (printed.exit_code, printed.stdout, printed.stderr) == (1, "", f"Error: {said}\n")


@pytest.mark.parametrize(
    ("content", "words"), [(None, "Is a directory"), (b"\xff" * 100, "usable characters"), (b"short", "5 usable")]
)
def test_an_unreadable_signing_secret_names_its_file(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is None:
        (tmp_path / "secret").mkdir()
    else:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(DailiesError, match=words) as caught:
        read_secret(tmp_path)
    assert str(tmp_path / "secret") in str(caught.value)


def test_a_secret_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(DailiesError, match=r"secret cannot be used: No space left.*Free space"):
        read_secret(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("content", "words"), [(b"auth = [", "Invalid value"), (b"\xff", "utf-8")])
def test_a_broken_file_of_secrets_does_not_turn_sign_in_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    file = tmp_path / "secrets.toml"
    monkeypatch.setattr(
        providers, "st", SimpleNamespace(get_option=lambda _: [str(file)], secrets=providers.st.secrets)
    )
    assert providers.check_auth() is False
    file.write_bytes(content)
    with pytest.raises(DailiesError, match=words) as caught:
        providers.check_auth()
    assert str(file) in str(caught.value)


# --- while it runs -----------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


def delete(file: Path) -> None:
    for part in file.parent.glob("dailies.db*"):
        part.unlink()


def replace(file: Path) -> None:
    delete(file)
    Store(file.parent).close()


@pytest.mark.parametrize("change", [delete, replace])
def test_nothing_is_stored_in_a_database_that_is_no_longer_there(
    store: Store, make_run, change: Callable[[Path], None]
) -> None:
    store.runs.add(make_run())
    file = store.home / "dailies.db"
    change(file)
    for use in (lambda: store.runs.add(make_run()), store.runs.list):
        with pytest.raises(StoreError, match=r"moved, deleted or replaced.*restart") as caught:
            use()
        assert str(file) in str(caught.value)
    assert file.exists() == (change is replace)


def test_a_database_that_is_damaged_meanwhile_says_so(store: Store, make_run) -> None:
    store.runs.add(make_run())
    store.close()
    file = store.home / "dailies.db"
    with file.open("r+b") as open_file:
        open_file.write(b"no database " * 10)
    with pytest.raises(StoreError, match="damaged"):
        store.runs.list()


def test_a_constraint_is_no_fault_of_the_database(store: Store) -> None:
    with pytest.raises(Exception, match="UNIQUE") as caught, store._database.writing() as connection:
        for _ in range(2):
            connection.exec_driver_sql("INSERT INTO held_queues (gateway) VALUES ('a')")
    assert not isinstance(caught.value, StoreError)


def test_a_file_that_the_disk_does_not_take_is_not_half_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_bytes", refuse(errno.ENOSPC))
    with pytest.raises(MediaError, match=r"was not stored.*No space left.*Free space"):
        store.files.keep(b"bytes")
    assert [path for path in (store.home / "references").rglob("*") if path.is_file()] == []


def test_a_request_that_needs_the_library_is_told_to_come_again() -> None:
    async def gone(_: Request) -> Any:
        raise StoreError("The database /a/path cannot be used now.")

    app = Starlette(routes=[Route("/clips", gone)], middleware=[Middleware(Door, prepare=House)])
    with TestClient(app, base_url="http://localhost:8501") as client:
        answer = client.get("/clips")
    assert (answer.status_code, "/a/path" in answer.text, "Try again" in answer.text) == (503, False, True)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_catalog_that_the_operator_has_spoilt_keeps_the_server_from_starting(place, monkeypatch):
    begun = list[str]()
    monkeypatch.setattr(loaded, "open_services", lambda *_: begun.append("services"))
    monkeypatch.setattr(loaded, "begin_loading", lambda: begun.append("loading"))
    monkeypatch.setattr(loaded.late, "install", lambda: None)
    loaded.open_all(Settings.from_env())
    assert begun == ["loading", "services"]
    own = place.parent / "own"
    own.mkdir()
    (own / "routes.toml").write_text("nonsense = 1", encoding="utf-8")
    monkeypatch.setenv("DAILIES_CATALOG", str(own))
    load.cache_clear()
    with pytest.raises(CatalogError, match=r"routes.toml.*nonsense"):
        loaded.open_all(Settings.from_env())
    load.cache_clear()
    assert begun == ["loading", "services"]
