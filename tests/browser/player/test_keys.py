"""`keys.js`: what every key does, in every mode of the player, and which keys the list of keys explains."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

PRESSED = """(mode, key, shiftKey, arrangement) => {
  const done = []
  const values = (given) => given.filter((one) => !one?.event)
  const act = new Proxy({}, { get: (_, name) => (...given) => done.push([name, ...values(given)]) })
  const actions = keyActions({ mode, arrangement: () => arrangement, region: { scale: 2, x: 0.5, y: 0.5 } }, act)
  if (key in actions) actions[key]({ event: true, shiftKey })
  return done
}"""


def pressed(
    call, key: str, *, mode: str = "full", shift: bool = False, arrangement: str = "grid"
) -> list[list[object]]:
    """The actions of one press, each with its values."""
    return call(f"({PRESSED})({mode!r}, {key!r}, {str(shift).lower()}, {arrangement!r})")


@pytest.mark.parametrize("mode", ["full", "present", "vote"])
@pytest.mark.parametrize(
    ("key", "action"),
    [
        (" ", ["toggle"]),
        ("ArrowLeft", ["step", -1]),
        ("ArrowRight", ["step", 1]),
        ("ArrowUp", ["faster", 1]),
        ("ArrowDown", ["faster", -1]),
        ("Home", ["seek", 0]),
        ("End", ["seek", "Infinity"]),
        ("+", ["region", {"scale": 2.5, "x": 0.5, "y": 0.5}]),
        ("=", ["region", {"scale": 2.5, "x": 0.5, "y": 0.5}]),
        ("-", ["region", {"scale": 1.6, "x": 0.5, "y": 0.5}]),
        ("z", ["wholePicture"]),
        ("f", ["full"]),
        ("?", ["help"]),
        ("g", ["arrange", "grid"]),
        ("w", ["arrange", "wipe"]),
        ("k", ["arrange", "blink"]),
        ("d", ["arrange", "difference"]),
    ],
)
def test_keys_of_every_mode(call, mode, key, action) -> None:
    assert pressed(call, key, mode=mode) == [action]


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("l", ["loop"]),
        ("u", ["nextRule"]),
        ("n", ["names"]),
        ("[", ["nudge", -1]),
        ("]", ["nudge", 1]),
        ("0", ["heard", ""]),
        ("1", ["hearNumber", 0]),
        ("8", ["hearNumber", 7]),
    ],
)
def test_keys_that_a_vote_does_not_have(call, key, action) -> None:
    assert pressed(call, key) == [action]
    assert pressed(call, key, mode="vote") == []


def test_shift_takes_a_second_instead_of_a_frame(call) -> None:
    assert pressed(call, "ArrowLeft", shift=True) == [["skip", -1]]
    assert pressed(call, "ArrowRight", shift=True) == [["skip", 1]]


def test_k_again_shows_the_other_clip(call) -> None:
    assert pressed(call, "k", arrangement="blink") == [["swap"]]
    assert pressed(call, "w", arrangement="blink") == [["arrange", "wipe"]]


def test_no_other_key_is_taken(call) -> None:
    assert [pressed(call, key) for key in ("a", "b", "t", "x", "9", "Enter", "Tab", "Escape")] == [[]] * 8


@pytest.mark.parametrize(("mode", "rows"), [("full", 15), ("present", 15), ("vote", 10)])
def test_the_list_of_keys_names_those_of_the_mode(call, mode, rows) -> None:
    assert call(f"makeHelp({mode!r}).querySelectorAll('dt').length") == rows
