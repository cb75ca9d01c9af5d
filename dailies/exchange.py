"""What goes over the wire, as plain data: a call on its way out, progress on its way back. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dailies.vocabulary import Body, TaskState


@dataclass(frozen=True, slots=True)


@dataclass(frozen=True, slots=True)


@dataclass(frozen=True, slots=True)


@dataclass(frozen=True, slots=True)
