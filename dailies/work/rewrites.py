"""Rewrites of prompts in the background: no page waits for a chat model, and one press makes one call.

Kept in memory by browser and form until they are dealt with; those that were used until the runs made of them know.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dailies.errors import DailiesError
from dailies.rewriting import Kind, Rewrite

_PLACES = 1_000
_USED = 20  # rewrites that a browser has used, newest last
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a chat model is asked for: where, by whose key, of what. `most` is the prompt's limit in characters."""

    gateway: str
    credential: str
    owner: str
    model: str
    kind: Kind
    prompt: str
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """How it stands with what was asked for: under way while `made` and `trouble` are empty."""

    ask: Ask
    token: str  # of the press
    made: Rewrite | None = None
    trouble: str = ""

    @property
    def waits(self) -> bool:
        return self.made is None and not self.trouble


class Rewrites:
    """Thread-safe."""

    def __init__(
        self, rewrite: Callable[[Ask], Rewrite], told: Callable[[], None], admit: Callable[[Ask], None]
    ) -> None:
        """`rewrite` waits for a chat model; `told` is called after each; `admit` holds the operator's limits.

        `rewrite` and `admit` may raise `DailiesError`.
        """
        self._rewrite, self._told, self._admit = rewrite, told, admit
        self._lock = threading.Lock()
        self._stands: OrderedDict[tuple[str, str], Stand] = OrderedDict()
        self._used: OrderedDict[str, tuple[Rewrite, ...]] = OrderedDict()

    def start(self, browser: str, form: str, ask: Ask, token: str) -> bool:
        """Ask a chat model in the background; False if this press, or an earlier one, is under way or answered.

        Raises `DailiesError` while another form of the same browser waits for an answer, or over a budget.
        """
        self._admit(ask)
        with self._lock:
            stand = self._stands.get((browser, form))
            if stand is not None and (stand.waits or stand.token == token):
                return False
            if any(each.waits for (other, _), each in self._stands.items() if other == browser):
                raise DailiesError("A prompt of another form is being rewritten. Wait for it, then press again.")
            self._put(browser, form, Stand(ask, token))
        threading.Thread(
            target=self._run, args=(browser, form, ask, token), name="dailies-rewrite", daemon=True
        ).start()
        return True

    def find(self, browser: str, form: str) -> Stand | None:
        """Return how it stands with what a form asked for last; None once that was dealt with."""
        with self._lock:
            return self._stands.get((browser, form))

    def settle(self, browser: str, form: str, *, used: bool = False) -> Rewrite | None:
        """Deal with an answer: it is used, or not. Returns it; None while there is none."""
        with self._lock:
            stand = self._stands.get((browser, form))
            if stand is None or stand.waits:
                return None
            del self._stands[browser, form]
            if stand.made and used:
                self._used[browser] = (*self._used.get(browser, ()), stand.made)[-_USED:]
                self._used.move_to_end(browser)
                _limit(self._used)
            return stand.made

    def find_used(self, browser: str, prompt: str) -> Rewrite | None:
        """Return the newest rewrite that a browser has used and that a prompt still is; None if there is none."""
        with self._lock:
            used = self._used.get(browser, ())
        return next((each for each in reversed(used) if each.holds(prompt)), None)

    def _run(self, browser: str, form: str, ask: Ask, token: str) -> None:
        made, trouble = None, ""
        try:
            made = self._rewrite(ask)
        except DailiesError as error:
            trouble = str(error)
        except Exception:  # noqa: BLE001 - a form that waits for ever is worse than a sentence
            _log.exception("A rewrite failed")
            trouble = "The answer of the chat model could not be read; the server's log says why. Press again."
        _log.info("Asked the chat model %s at %s to %s a prompt.", ask.model, ask.gateway, ask.kind.value)
        with self._lock:
            self._put(browser, form, Stand(ask, token, made, trouble))
        self._told()

    def _put(self, browser: str, form: str, stand: Stand) -> None:
        self._stands[browser, form] = stand
        self._stands.move_to_end((browser, form))
        _limit(self._stands)


def _limit(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _PLACES:
        kept.popitem(last=False)
