"""The documents are true: what they say of the tree is there, and nothing in the tree is missing from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dailies import __version__

ROOT = Path(__file__).resolve().parent.parent.parent
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
TREE = ARCHITECTURE.split("```")[1]
TOPS = ("components", "dailies")


def branch(top: str) -> str:
    """The lines of the tree about one top folder."""
    return re.split(r"\n(?=\S)", TREE.split(f"\n{top}/", 1)[1], maxsplit=1)[0]


def listed(top: str) -> dict[str, set[str]]:
    """Room -> the words that the tree says about it; the ground floor is the room ""."""
    rooms: dict[str, set[str]] = {"": set()}
    for entry in re.split(r"\n  (?=\S)", branch(top))[1:]:
        words = set(re.findall(r"\w+", entry))
        room = re.match(r"(\w+)/", entry)
        if room:
            rooms[room[1]] = words
        else:
            rooms[""] |= words
    return rooms


def modules(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("top", TOPS)
def test_every_room_and_module_is_in_the_tree_of_architecture(top: str) -> None:
    rooms = listed(top)
    folders = {path.parent.name for path in (ROOT / top).glob("*/*.py")}
    assert folders == set(rooms) - {""}
    assert modules(ROOT / top) <= rooms[""]
    for room in folders:
        assert modules(ROOT / top / room) <= rooms[room], room


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "docs/releasing.md"])
def test_every_file_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    paths = re.findall(r"[`(]((?:bench|catalog|components|dailies|docs|pages|sandbox|tests|tools)/[\w./-]*)[`)]", text)
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in ("CONTRIBUTING.md", "README.md", "docs/releasing.md"):
        named = set(re.findall(r"make ([a-z-]+)`", (ROOT / document).read_text(encoding="utf-8")))
        assert named <= targets, document


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    newest = re.search(
        r"^## (\S+), \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert newest is not None
    assert newest[1] == __version__
