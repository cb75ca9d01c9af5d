"""Converts a run to a row and back without loss: the columns of the table and the JSON inside them.

Opens nothing: `runs` owns the queries, `files` the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from dailies.domain import Clip, Failure, Request, Route, Run
from dailies.exchange import (
    Blob,
    Call,
)
from dailies.money import Money
from dailies.rewriting import Rewrite
from dailies.vocabulary import Kinship, RunState, Trouble

TIMES = ("created", "updated", "sent", "finished", "due", "watched")
"""The fields of a run that are times; UTC without a zone in the table, aware outside it."""

_REQUEST, _CALL = TypeAdapter(Request), TypeAdapter(Call)
_ROUTE, _FAILURE, _CLIP = TypeAdapter(Route), TypeAdapter(Failure | None), TypeAdapter(Clip | None)
_REWRITE = TypeAdapter(Rewrite | None)
_MILLIONTHS = 1_000_000
_BLOB, _TUPLE, _MAPPING = "$blob", "$tuple", "$mapping"


def to_row(run: Run, before: Run | None = None) -> dict[str, Any]:
    """Build the columns of a run; only those that are not as they were `before`, for each costs as it is written.

    Raises `ValueError` for a time without a zone.
    """
    row: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(run, name)
        if before is not None and ((known := getattr(before, name)) is value or known == value):
            continue
        if (write := _WRITTEN.get(name)) is not None:
            row |= write(value)
        else:
            row[name] = value
    return row


def to_run(row: Mapping[Any, Any]) -> Run:
    """Read the run from a row that `to_row` built."""
    call = _CALL.validate_python(row["call"])
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    plain |= {name: from_time(row[name]) for name in TIMES}
    return Run(
        **plain,
        press=row["press"] or "",
        usage=row["usage"] or "",
        estimate=to_money(row["cost"], row["currency"]),
        state=RunState(row["state"]),
        kinship=Kinship(row["kinship"]) if row["kinship"] else None,
        trouble=Trouble(row["trouble"]),
        other_tasks=tuple(row["other_tasks"] or ()),
        request=to_request(row["request"]),
        call=replace(call, json=_unpack(call.json)),
        route=_ROUTE.validate_python(row["route"]),
        failure=_FAILURE.validate_python(row["failure"]),
        clip=_CLIP.validate_python(row["clip"]),
        rewrite=_REWRITE.validate_python(row.get("rewrite")),  # records of earlier versions have none
    )


def from_request(request: Request) -> dict[str, Any]:
    """Write a request as JSON."""
    plain = replace(
        request,
        values=dict(request.values),
        references=dict(request.references),
        metadata=_pack(dict(request.metadata)),
    )
    return dict(_REQUEST.dump_python(plain, mode="json"))


def to_request(kept: Any) -> Request:
    """Read the request from JSON that `from_request` built."""
    request = _REQUEST.validate_python(kept)
    return replace(request, metadata=_unpack(request.metadata))


def to_money(cost: int | None, currency: str | None) -> Money | None:
    """An amount kept as millionths of its currency."""
    return None if cost is None or currency is None else Money(Decimal(cost) / _MILLIONTHS, currency)


def to_millionths(amount: Money | None) -> int | None:
    """An amount in millionths of its currency, as `to_money` reads it."""
    return int(amount.amount * _MILLIONTHS) if amount else None


def to_time(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("A time without a zone cannot be stored.")
    return moment.astimezone(UTC).replace(tzinfo=None)


def from_time(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _write_call(call: Call) -> dict[str, Any]:
    return {"call": _CALL.dump_python(replace(call, json=_pack(call.json)), mode="json")}


def _write_request(request: Request) -> dict[str, Any]:
    told = {"family": request.family, "model": request.model, "mode": request.mode.value}
    return told | {"request": from_request(request)}


def _write_object(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {name: asdict(value) if value else None}


def _write_time(name: str) -> Callable[[datetime | None], dict[str, Any]]:
    return lambda moment: {name: to_time(moment)}


def _pack(value: Any) -> Any:
    """Write what JSON cannot express (blobs, tuples) as objects with one tagged key."""
    if isinstance(value, Blob):
        return {_BLOB: asdict(value)}
    if isinstance(value, Mapping):
        packed = {key: _pack(item) for key, item in value.items()}
        return {_MAPPING: packed} if packed.keys() & {_BLOB, _TUPLE, _MAPPING} else packed
    if isinstance(value, tuple):
        return {_TUPLE: [_pack(item) for item in value]}
    if isinstance(value, list):
        return [_pack(item) for item in value]
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _BLOB in value:
        return Blob(**value[_BLOB])
    if _TUPLE in value:
        return tuple(_unpack(item) for item in value[_TUPLE])
    inside = value.get(_MAPPING, value)
    return {key: _unpack(item) for key, item in inside.items()}


_WRITTEN: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    **{name: _write_time(name) for name in TIMES},
    **{name: _write_object(name) for name in ("route", "failure", "clip", "rewrite")},
    "request": _write_request,
    "call": _write_call,
    "state": lambda state: {"state": state.value},
    "kinship": lambda kinship: {"kinship": kinship.value if kinship else None},
    "trouble": lambda trouble: {"trouble": trouble.value},
    "other_tasks": lambda tasks: {"other_tasks": list(tasks)},
    "press": lambda press: {"press": press or None},
    "usage": lambda usage: {"usage": usage or None},
    "estimate": lambda money: {"cost": to_millionths(money), "currency": money.currency if money else None},
}
"""The fields of a run that are not written as they are, and their columns."""

_FIELDS = tuple(field.name for field in fields(Run))
_PLAIN = tuple(name for name in _FIELDS if name not in _WRITTEN)
