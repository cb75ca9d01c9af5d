"""Channel keys: the keys that an operator enters in the gateway for an upstream. A client never sends one.

Recognises, checks and composes `SubAppId|SecretId|SecretKey`, optionally with `|Region`. Pure; stores and sends no
key. Source: the section on authentication of the gateway's page on domestic video models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dailies.domain import Notice, Problem
from dailies.errors import DailiesError

_REGION = re.compile(r"[a-z]{2,4}(-[a-z0-9]+)+")
_USUAL_START = "AKID"


@dataclass(frozen=True, slots=True, repr=False)
class ChannelKey:
    """The parts of a channel key. `region` is None in the form with three parts."""

    sub_app_id: str
    secret_id: str
    secret_key: str
    region: str | None = None

    def __repr__(self) -> str:
        return "ChannelKey(...)"

    def masked(self) -> tuple[tuple[str, str], ...]:
        """List (part, what may be shown): the number and the region in full, a secret's first characters and length."""
        shown = [("SubAppId", self.sub_app_id if self.sub_app_id.isdecimal() else _mask(self.sub_app_id))]
        shown += [("SecretId", _mask(self.secret_id)), ("SecretKey", _mask(self.secret_key))]
        if self.region is not None:
            shown.append(("Region", self.region if _REGION.fullmatch(self.region) else _mask(self.region)))
        return tuple(shown)


def recognise(text: str) -> ChannelKey | None:
    """Split what was typed into the parts of a channel key, unchecked; None unless there are three or four."""
    parts = [part.strip() for part in text.strip().removeprefix("Bearer ").split("|")]
    return ChannelKey(*parts) if len(parts) in (3, 4) else None


def check(key: ChannelKey) -> list[Problem]:
    """List everything that is wrong with the parts. No problem quotes a part."""
    problems = []
    if not re.fullmatch(r"[0-9]+", key.sub_app_id):
        what = "holds something other than digits" if key.sub_app_id else "is empty"
        fix = "It is the number of the sub-application and comes first."
        if key.secret_key.isdecimal() or key.sub_app_id.startswith(_USUAL_START):
            fix += " The parts seem to be in the order SecretId, SecretKey, SubAppId: put the number first."
        problems.append(Problem("SubAppId", what, fix))
    for where, part in (("SecretId", key.secret_id), ("SecretKey", key.secret_key)):
        if not part:
            problems.append(Problem(where, "is empty", "Copy it from the upstream's console."))
        elif re.search(r"\s", part):
            problems.append(Problem(where, "holds a space", "Copy it again without spaces or line breaks."))
    if key.region is not None and not _REGION.fullmatch(key.region):
        what = "does not look like one" if key.region else "is empty"
        problems.append(Problem("Region", what, "Write it like ap-guangzhou, or remove it together with its `|`."))
    named = zip(("SubAppId", "SecretId", "SecretKey", "Region"), _parts(key), strict=False)
    problems += [
        Problem(where, "holds a `|`", "Use that sign only between the parts.") for where, part in named if "|" in part
    ]
    return problems


def find_doubts(key: ChannelKey) -> list[Notice]:
    """List what is unusual about the parts and may still be right."""
    if not key.secret_id or key.secret_id.startswith(_USUAL_START):
        return []
    return [Notice("SecretId", f"does not begin with {_USUAL_START}, as it usually does. Check it again.")]


def compose(key: ChannelKey) -> str:
    """Join the parts as the operator enters them. Raises `DailiesError` if `check` finds a problem."""
    if problems := check(key):
        raise DailiesError(" ".join(f"{p.where} {p.what}. {p.fix}" for p in problems))
    return "|".join(_parts(key))


def explain(key: ChannelKey) -> str:
    """Explain such a key to a person who typed it where a client's key belongs."""
    form = "SubAppId|SecretId|SecretKey" + ("" if key.region is None else "|Region")
    return (
        f"This looks like a channel key (`{form}`). The gateway's operator enters it in the gateway's channel "
        "configuration, and no client sends it. Enter a client's key instead: it comes from the gateway's page of "
        "keys and usually looks like `sk-…`."
    )


def _parts(key: ChannelKey) -> tuple[str, ...]:
    three = (key.sub_app_id, key.secret_id, key.secret_key)
    return three if key.region is None else (*three, key.region)


def _mask(part: str) -> str:
    """Show the length, and the first four characters if that is a small part of the whole."""
    if not part:
        return "empty"
    length = f"{len(part)} character{'' if len(part) == 1 else 's'}"
    return f"{part[:4]}… ({length})" if len(part) >= 16 else f"… ({length})"
