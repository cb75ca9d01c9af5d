"""Sending a comparison or a lane whatever goes wrong on the way: a fault is thrown at every line in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

import pytest

import components.press
import dailies.services
import dailies.store.comparisons
import dailies.store.database
import dailies.store.runs
import dailies.work.gate
import dailies.work.worker
from components import hosting, session
from components.compare import launch
from components.compare.launch import new_comparison, new_lane, prepare, prepare_lane
from components.press import Press
from dailies.compare.nouns import Comparison, Idea, Lane, View
from dailies.domain import Run
from dailies.gateways import SANDBOX, Gateway
from dailies.services import Services
from dailies.settings import Settings
from dailies.vocabulary import RunState

MODULES = (
    components.press,
    launch,
    dailies.services,
    dailies.work.gate,
    dailies.work.worker,
    dailies.store.comparisons,
    dailies.store.database,
    dailies.store.runs,
)
FILES = {module.__file__ for module in MODULES}


class Stopped(BaseException):
    """What Streamlit does to a script that another run replaces: not an `Exception`."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services whose worker never starts: runs stay as they were stored."""
    opened = Services(Settings(tmp_path_factory.mktemp("launch") / "home"))
    yield opened
    opened.store.close()


@pytest.fixture(autouse=True)
def in_a_session(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    mine: set[str] = set()
    monkeypatch.setattr(session, "services", lambda: services)
    monkeypatch.setattr(session, "owner", lambda: "")
    monkeypatch.setattr(session, "gateway", lambda: Gateway(SANDBOX, ""))
    monkeypatch.setattr(session, "gateway_problem", lambda name="": None)
    monkeypatch.setattr(session, "credential", lambda name="": "")
    monkeypatch.setattr(session, "mine", lambda: mine)
    monkeypatch.setattr(hosting, "host", lambda references, *_: references)


def asked(prompt: str, *, names: bool = True) -> Comparison:
    """Two lanes that can be sent and one that cannot."""
    family = session.catalog().families["sora"]
    entry, other = family.entries[0].id, session.catalog().families["veo"]
    lanes = [new_lane("sora", entry, "sora-2") for _ in range(2)]
    lanes.append(new_lane("veo", other.entries[0].id, "no-such-model"))
    return replace(new_comparison(Idea(prompt=prompt), lanes), view=View(names=names))


def press_for(prompt: str, *, names: bool = True) -> Press:
    """A button whose form asks for the same comparison at every press, in new objects."""
    return Press(lambda taken: taken.carry_out(lambda: prepare([asked(prompt, names=names)], taken.token).send))


def stored(services: Services, prompt: str) -> tuple[list[Comparison], list[Run]]:
    return list(services.store.comparisons.list(search=prompt)), list(services.store.runs.list(search=prompt))


Line = tuple[str, int]


def watch(act: Callable[[], Any], at: Callable[[Line], None]) -> None:
    """Call `at` before every line of our modules that `act` runs."""

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            at((frame.f_code.co_filename, frame.f_lineno))
        return local

    before = sys.gettrace()
    sys.settrace(lambda frame, _, __: local if frame.f_code.co_filename in FILES else None)
    try:
        act()
    finally:
        sys.settrace(before)


def lines_of(act: Callable[[], Any]) -> list[Line]:
    """The lines of our modules that `act` runs, each once, in the order of their first run."""
    lines: list[Line] = []
    watch(act, lines.append)
    return list(dict.fromkeys(lines))


def throw_at(line: Line, fault: type[BaseException], act: Callable[[], Any]) -> None:
    """Run `act` and throw a fault when it comes to a line."""

    def throw(now: Line) -> None:
        if now == line:
            raise fault

    with pytest.raises(fault):
        watch(act, throw)


@pytest.mark.parametrize("fault", [Stopped, ArithmeticError])
def test_a_fault_at_any_line_leaves_no_half_of_a_comparison(services: Services, fault: type[BaseException]) -> None:
    press_for("warm").note()
    lines = lines_of(press_for("dry").note)
    came_of: dict[bool, set[int]] = {True: set(), False: set()}  # whether the press was still noted: comparisons
    for number, line in enumerate(lines):
        prompt = f"{fault.__name__}-{number}-end"
        button = press_for(prompt)
        throw_at(line, fault, button.note)
        waiting = button.noted
        button.settle()  # what the next run of the script begins with
        comparisons, runs = stored(services, prompt)
        assert {run.id for run in runs} == {lane.run for found in comparisons for lane in found.lanes if lane.run}, line
        assert len(runs) == 2 * len(comparisons), line
        came_of[waiting].add(len(comparisons))
    assert len(lines) > 120
    assert came_of[False] == {0, 1}, "stored before the fault or not, and never twice"
    assert came_of[True] == {1}, "an interrupted press is dealt with at the next run"


def send_again(comparison: Comparison, lane: Lane, run: Run, taken: Press) -> None:
    taken.carry_out(lambda: prepare_lane(comparison, lane, run, taken.token).send)


def test_a_fault_at_any_line_sends_a_lane_again_whole_or_not_at_all(services: Services) -> None:
    prompt = "a lane that failed"
    press_for(prompt).note()

    def button() -> Press:
        """The button of the first lane, whose run has failed."""
        ((comparison,), _) = stored(services, prompt)
        lane = comparison.lanes[0]
        run = services.worker.act(lane.run, lambda found: replace(found, state=RunState.FAILED, due=None))
        return Press(partial(send_again, comparison, lane, run))

    button().note()
    lines = lines_of(button().note)
    came_of: dict[bool, set[int]] = {True: set(), False: set()}
    for line in lines:
        pressed = button()
        ((before,), runs) = stored(services, prompt)
        throw_at(line, Stopped, pressed.note)
        waiting = pressed.noted
        pressed.settle()
        ((after,), now) = stored(services, prompt)
        new = [run.id for run in now if run not in runs]
        assert [lane.run for lane in after.lanes[:1]] == (new or [before.lanes[0].run]), line
        came_of[waiting].add(len(new))
        services.store.runs.delete(before.lanes[0].run if new else "")
    assert len(lines) > 60
    assert came_of == {False: {0, 1}, True: {1}}


def test_what_is_prepared_reads_the_session_no_more(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit can only interrupt what reads the session: what is sent after the press is consumed does not."""
    launched = prepare([asked("prepared")], "a-token")
    with monkeypatch.context() as gone:
        for name in ("services", "gateway", "gateway_problem", "credential", "mine", "catalog"):
            gone.delattr(session, name)
        gone.delattr(hosting, "host")
        (kept,) = launched.send()
    run = services.worker.act(kept.lanes[0].run, lambda found: replace(found, state=RunState.FAILED, due=None))
    again = prepare_lane(kept, kept.lanes[0], run, "a-token")
    with monkeypatch.context() as gone:
        for name in ("services", "gateway", "gateway_problem", "credential", "mine", "catalog"):
            gone.delattr(session, name)
        gone.delattr(hosting, "host")
        again.send()
    assert len(stored(services, "prepared")[1]) == 3


def test_a_press_of_which_everything_is_repeated_finds_what_it_made(services: Services) -> None:
    button = press_for("repeated", names=False)
    for _ in range(6):  # shuffled anew each time
        button.note()
        (kept,) = button.outcome
    ((found,), runs) = stored(services, "repeated")
    assert (kept, len(runs)) == (found, 2)
    assert session.mine() >= {run.id for run in runs}


def test_another_idea_or_another_gateway_is_another_press(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    button, other = press_for("one idea"), press_for("another idea")
    button.note()
    other.token = button.token
    other.noted = True
    other.settle()
    monkeypatch.setattr(session, "gateway", lambda: Gateway("https://elsewhere.test/v1", ""))
    button.noted = True
    button.settle()
    assert len(stored(services, "one idea")[0]) == 2
    assert len(stored(services, "another idea")[0]) == 1


def test_the_comparisons_of_one_press_are_stored_together_or_not_at_all(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan: many comparisons of one press, of which the last cannot be stored."""
    new = [asked(f"planned {number}") for number in range(4)]
    launched = prepare(new, "plan-token")
    first, last = launched.new[0], launched.new[-1]
    broken = replace(launched, new=(*launched.new[:-1], (last[0], (*last[1], first[1][0]))))
    with pytest.raises(Exception, match="UNIQUE"):
        broken.send()
    assert stored(services, "planned") == ([], [])
    assert [kept.press for kept in launched.send()] == [made.press for made, _ in launched.new]
    assert launched.send() == [services.store.comparisons.get(made.id) for made, _ in launched.new]
    assert len(stored(services, "planned")[1]) == 8


def test_a_lane_that_cannot_be_sent_says_why_and_the_others_are_sent(services: Services) -> None:
    (kept,) = prepare([asked("two of three")]).send()
    assert [bool(lane.run) for lane in kept.lanes] == [True, True, False]
    assert kept.lanes[2].refused
    assert kept.press == ""
