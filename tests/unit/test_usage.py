"""What replies say a task has used or cost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dailies.gateway import replies
from dailies.gateway.usage import read_usage


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"data": {"data": {"usage": {"completion_tokens": 173000, "total_tokens": 173000}}}},
            "completion_tokens 173000, total_tokens 173000",
        ),
        ({"id": "v1", "usage": {"cost": 0.35, "currency": "USD"}}, "cost 0.35 USD"),
        ({"data": {"quota": 250000, "status": "SUCCESS"}}, "quota 250000"),
        ({"price": {"amount": "1.20"}}, "amount 1.2"),
        ({"creditsUsed": 12}, "creditsUsed 12"),
        ({"usage": {"seconds": 5, "note": "two takes"}}, "seconds 5"),
        ({"usage": {"total_tokens": 0}, "quota": 0}, ""),
        ({"quota_limit": 9, "balance": 3, "usage": {"remaining": 4}}, ""),
        ({"request": {"cost": 5}}, ""),
        ({"usage": True, "cost": "free", "price": None}, ""),
        ({"cost": float("inf")}, ""),
        ({"charge": 1764072427000000000}, ""),
        ([], ""),
        ("usage 3", ""),
    ],
)
def test_figures_below_keys_that_speak_of_usage(body: Any, expected: str) -> None:
    assert read_usage(body) == expected


def test_a_reply_keeps_what_it_says_of_usage() -> None:
    reply = {"id": "v1", "status": "completed", "video_url": "https://x.test/v.mp4", "usage": {"total_tokens": 7}}
    assert replies.read(200, json.dumps(reply), "application/json").usage == "total_tokens 7"
