"""Channel keys: what an operator configures in the gateway for an upstream, and a client never sends.

Recognises, checks and composes `SubAppId|SecretId|SecretKey` and the same with `|Region`; pure. Keeps, stores and
sends none. The form is documented under Authentication on the gateway's page on domestic video models.
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
    """The parts of a channel key. `region` is None in the form of three parts."""

    sub_app_id: str
    secret_id: str
    secret_key: str
    region: str | None = None

    def __repr__(self) -> str:
        return "ChannelKey(...)"

    def masked(self) -> tuple[tuple[str, str], ...]:
        """(part, what may be shown of it): the numbers and the region whole, of the secrets a start and the length."""
        shown = [("SubAppId", self.sub_app_id if self.sub_app_id.isdecimal() else _mask(self.sub_app_id))]
        shown += [("SecretId", _mask(self.secret_id)), ("SecretKey", _mask(self.secret_key))]
        if self.region is not None:
            shown.append(("Region", self.region if _REGION.fullmatch(self.region) else _mask(self.region)))
        return tuple(shown)


def recognise(text: str) -> ChannelKey | None:
    """The parts of a channel key in what was typed, unchecked; None for anything not made of three or four parts."""
    parts = [part.strip() for part in text.strip().removeprefix("Bearer ").split("|")]
    return ChannelKey(*parts) if len(parts) in (3, 4) else None


def is_channel_key(text: str) -> bool:
    """Whether what was typed as a key has the form of a channel key, which no client sends."""
    return recognise(text) is not None


def check(key: ChannelKey) -> list[Problem]:
    """Everything that keeps the parts from being a channel key. No word of it holds a part."""
    problems = []
    if not re.fullmatch(r"[0-9]+", key.sub_app_id):
        what = "holds something other than digits" if key.sub_app_id else "is empty"
        fix = "It is the number of the sub-application, and stands first."
        if key.secret_key.isdecimal() or key.sub_app_id.startswith(_USUAL_START):
            fix += " These parts look to be in the order SecretId, SecretKey, SubAppId: put the number first."
        problems.append(Problem("SubAppId", what, fix))
    for where, part in (("SecretId", key.secret_id), ("SecretKey", key.secret_key)):
        if not part:
            problems.append(Problem(where, "is empty", "Copy it from the upstream's console."))
        elif re.search(r"\s", part):
            problems.append(Problem(where, "holds a space", "Copy it again without spaces or line breaks."))
    if key.region is not None and not _REGION.fullmatch(key.region):
        what = "does not look like one" if key.region else "is empty"
        problems.append(Problem("Region", what, "Write it like ap-guangzhou, or leave it out with its `|`."))
    named = zip(("SubAppId", "SecretId", "SecretKey", "Region"), _parts(key), strict=False)
    problems += [
        Problem(where, "holds a `|`", "The sign only divides the parts.") for where, part in named if "|" in part
    ]
    return problems


def doubts(key: ChannelKey) -> list[Notice]:
    """What is unusual in the parts, and may be right all the same."""
    if not key.secret_id or key.secret_id.startswith(_USUAL_START):
        return []
    return [Notice("SecretId", f"does not begin with {_USUAL_START}, as it usually does. Look at it once more.")]


def compose(key: ChannelKey) -> str:
    """The key as the operator enters it in the gateway. Raises `DailiesError` where `check` finds a problem."""
    if problems := check(key):
        raise DailiesError(" ".join(f"{p.where} {p.what}. {p.fix}" for p in problems))
    return "|".join(_parts(key))


def words(key: ChannelKey) -> str:
    """What such a key is, for someone who typed it where a client's key belongs."""
    form = "SubAppId|SecretId|SecretKey" + ("" if key.region is None else "|Region")
    return (
        f"This has the form of a channel key (`{form}`). The gateway's operator enters such a key in the gateway's "
        "channel configuration, for the upstream behind it; a client never sends it. A client's key is another one, "
        "from the gateway's own page of keys, and usually looks like `sk-…`."
    )


def _parts(key: ChannelKey) -> tuple[str, ...]:
    three = (key.sub_app_id, key.secret_id, key.secret_key)
    return three if key.region is None else (*three, key.region)


def _mask(part: str) -> str:
    """The first four characters, where that is a small part of the whole, and the length."""
    if not part:
        return "empty"
    length = f"{len(part)} character{'' if len(part) == 1 else 's'}"
    return f"{part[:4]}… ({length})" if len(part) >= 16 else f"… ({length})"
