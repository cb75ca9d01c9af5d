"""A page of the library that hears of a hundred runs is drawn at its own pace, by a clock of the test."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LIVE = Path(__file__).resolve().parents[3] / "components" / "frontend" / "live.js"
PACE = 1500
PAGE = """
<script>
  window.WebSocket = class { constructor() { window.socket = this } close() {} }
  window.drawn = []
</script>
<script type="module">
  %s
  const data = { runs: [], since: 0, checks: 0, all: true, pace: %d, path: "/live" }
  const setTriggerValue = () => { drawn.push(Date.now()); data.since = window.told }
  const component = { data, parentElement: {}, setTriggerValue }
  live(component)
  window.ready = true
</script>
"""


def test_many_changes_are_few_redraws(page: Page) -> None:
    page.clock.install(time=0)
    script = LIVE.read_text(encoding="utf-8").replace("export default function (", "const live = function (")
    page.set_content(PAGE % (script, PACE))
    page.wait_for_function("() => window.ready")
    for second in range(6):
        page.evaluate(
            "at => { window.told = at; for (let i = 0; i < 10; i++)"
            " socket.onmessage({ data: JSON.stringify({ runs: [`r${i}`], since: at, checks: 0 }) }) }",
            second,
        )
        page.clock.run_for(1000)
    drawn = page.evaluate("drawn")
    assert 3 <= len(drawn) <= 5  # sixty messages in six seconds
    assert all(later - earlier >= PACE for earlier, later in pairwise(drawn))
