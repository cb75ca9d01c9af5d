"""Rules of the house that no linter knows: who may name a family or a model, what a page is, how long a module is."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dailies.catalog.load import load

ROOT = Path(__file__).resolve().parent.parent.parent
FAMILY_PAGE = "from components.screens.family import draw_family\n\ndraw_family(__file__)\n"
OWN_PAGES = {"assets", "compare", "home", "leaderboard", "library", "plan", "queue", "seen", "settings", "vote"}
OURS = ("dailies", "components", "sandbox")
MOST_LINES = 400
MOST_STARTS = 11
PAUSES = {"tests/browser/press/test_one_call.py", "tests/unit/test_house_rules.py"}
MEANS_SOMETHING_ELSE = {"dailies/store/upgrade.py": ["os"]}  # Alembic's word for the system's own path separator

FAMILIES = load().families
MODELS = {cell.model.id: cell.model.id.lower() for cell in load().cells()}
STEMS = {stem for family in FAMILIES.values() for pattern in family.patterns if (stem := pattern.rstrip("*"))}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def sources() -> list[Path]:
    """Every Python file of the project outside tests/ and sandbox/; build/ holds third parties."""
    tops = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return [*sorted(ROOT.glob("*.py")), *modules(*(top for top in tops if top not in ("tests", "sandbox", "build")))]


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string literal with its line; the constant pieces of f-strings and docstrings too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def named(text: str) -> list[str]:
    """The families and models that a string literal names: slugs as the whole string, ids and their stems anywhere."""
    lowered = text.lower()
    found = [slug for slug in FAMILIES if lowered.strip() == slug]
    found += [model for model, name in MODELS.items() if name in lowered]
    return found + [stem for stem in STEMS if stem in text]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = 'os'", ["os"]),
        ("x = 'Veo'", ["veo"]),
        ("import os; x = 'cosmos, most of os'", []),
        ("x = {'kling': 1}", ["kling"]),
        ("if model.startswith('Kling-'): pass", ["Kling-"]),
        ("x = f'a {b} SORA-2 c'", ["sora-2"]),
        ("def f():\n    '''For veo_3_1 only.'''", ["veo_3_1"]),
        ("# sora-2 in a comment is prose", []),
    ],
)
def test_the_search_for_names_finds_them(code: str, found: list[str]) -> None:
    assert [name for _, text in texts(ast.parse(code)) for name in named(text)] == found


def test_no_code_names_a_family_or_a_model() -> None:
    found = {
        short(path): [name for _, text in texts(ast.parse(path.read_text(encoding="utf-8"))) for name in named(text)]
        for path in sources()
    }
    assert {path: names for path, names in found.items() if names} == MEANS_SOMETHING_ELSE


def test_the_search_looks_everywhere() -> None:
    seen = {short(path) for path in sources()}
    assert {"app.py", "dailies/request/wire.py", "components/form/composer.py", "pages/home.py"} <= seen
    assert not any(name.startswith(("tests/", "sandbox/", ".")) for name in seen)


def test_every_family_has_its_page_and_every_other_page_is_our_own() -> None:
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert set(FAMILIES) - pages == set()
    of_no_family = pages - set(FAMILIES)
    assert of_no_family >= OWN_PAGES
    for name in of_no_family:
        assert "components.screens.family" not in (ROOT / "pages" / f"{name}.py").read_text(), f"{name} is no family"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_familys_page_is_two_lines(family: str) -> None:
    assert (ROOT / "pages" / f"{family}.py").read_text(encoding="utf-8") == FAMILY_PAGE


def test_every_page_is_an_import_from_components_and_a_call() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        kinds = [type(node) for node in ast.parse(path.read_text(encoding="utf-8")).body]
        assert kinds == [ast.ImportFrom, ast.Expr], short(path)
        assert path.read_text(encoding="utf-8").startswith("from components."), short(path)


def test_a_module_fits_on_a_few_screens() -> None:
    lines = {short(path): len(path.read_text("utf-8").splitlines()) for path in modules(*OURS)}
    assert {path: number for path, number in lines.items() if number > MOST_LINES} == {}, "split it along what it owns"


def test_no_module_cites_notes_that_a_reader_cannot_open() -> None:
    private = re.compile(r"\(contract\b|\bcontract(?:'s section|:| `)|\bmatrix [AB]\d|\bREADME \d")
    assert [short(path) for path in (*sources(), *modules("sandbox")) if private.search(path.read_text("utf-8"))] == []


def test_only_the_session_and_the_server_reach_a_store_that_is_not_one_person_s() -> None:
    """Everything else that draws gets the store of the person who looks."""
    allowed = {"components/session.py", "components/html/present.py"}
    for path in modules("components"):
        text = path.read_text(encoding="utf-8")
        if short(path) not in allowed and not short(path).startswith("components/server/"):
            assert not re.search(
                r"open_services|import Services|dailies\.store import|RunStore|ComparisonStore", text
            ), path


def test_the_readme_names_every_variable() -> None:
    """And no other: the table is written by hand."""
    sources = [*ROOT.glob("dailies/**/*.py"), *ROOT.glob("sandbox/**/*.py"), *ROOT.glob("components/**/*.py")]
    pattern = re.compile(r"DAILIES_[A-Z]+(?:_[A-Z]+)*")
    used = {name for path in sources for name in pattern.findall(path.read_text(encoding="utf-8"))}
    named = set(re.findall(r"^\| `(DAILIES_[A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == used


def test_every_script_of_the_front_end_is_typed() -> None:
    scripts = sorted((ROOT / "components" / "frontend").rglob("*.js"))
    assert scripts
    untyped = [short(path) for path in scripts if not path.read_text(encoding="utf-8").startswith("// @ts-check\n")]
    assert untyped == []


def test_every_fragment_is_contained() -> None:
    """A fragment's rerun does not pass the entry script, which says so when the library cannot be used."""
    bare = [short(path) for path in modules("components") if re.search(r"@st\.fragment", path.read_text("utf-8"))]
    assert bare == ["components/faults.py"]


def test_nothing_is_stored_past_the_gate() -> None:
    """Every way of sending goes through `Services.send`, where the operator's limits are applied."""
    past = [short(path) for path in modules("components", "dailies") if "worker.submit" in path.read_text("utf-8")]
    assert [path for path in past if path != "components/compare/launch.py"] == ["dailies/services.py"]


# --- the tests ---------------------------------------------------------------------------------------------------

TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
THOROUGH = re.compile(r"^@pytest\.mark\.thorough\b.*|^pytestmark = .*thorough", re.MULTILINE)


def test_every_fault_is_looked_for_in_every_run() -> None:
    """The tests that `bench/faults.toml` names are there, and more than examples for `make test-all`."""
    faults = tomllib.loads((ROOT / "bench" / "faults.toml").read_text(encoding="utf-8"))["fault"]
    for name in sorted({name for fault in faults for name in fault["tests"]}):
        text = (ROOT / name.partition("::")[0]).read_text(encoding="utf-8")
        assert not THOROUGH.search(text), f"{name} notices a fault: mark examples with first_of_each, not a whole test"


def test_every_fault_still_fits_the_line_that_it_breaks() -> None:
    faults = tomllib.loads((ROOT / "bench" / "faults.toml").read_text(encoding="utf-8"))["fault"]
    found = {(f["file"], f["is"]): (ROOT / f["file"]).read_text(encoding="utf-8").count(f["is"]) for f in faults}
    assert [place for place, number in found.items() if number != 1] == []


def test_only_few_browser_tests_start_an_app_of_their_own() -> None:
    """A start costs three seconds of CPU. Those here need other settings, a restart, or a library that they break."""
    starts = {
        short(path): len(re.findall(r"\bstart_app\(", path.read_text(encoding="utf-8")))
        for path in TESTS
        if path.is_relative_to(ROOT / "tests" / "browser")
    }
    assert sum(starts.values()) <= MOST_STARTS, {name: number for name, number in starts.items() if number}


def test_no_browser_test_waits_for_time() -> None:
    """But for the pause between two presses, which is what those tests are about."""
    waits = [short(path) for path in TESTS if "wait_for_timeout" in path.read_text(encoding="utf-8")]
    assert [name for name in waits if name not in PAUSES] == []
