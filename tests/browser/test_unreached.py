"""A page that comes and cannot connect, as behind a proxy that is not set up: it says why, and goes on when it can."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser

PATIENCE = 8_000  # milliseconds, that of the page


def test_a_page_whose_sockets_are_stopped_says_so_until_they_get_through(app: App, page: Page) -> None:
    stopped = [True]

    def pass_on(socket: WebSocketRoute) -> None:
        if stopped:
            socket.close()
        else:
            socket.connect_to_server()

    page.route_web_socket("**/_stcore/stream", pass_on)
    page.clock.install()
    page.goto(app.url)
    page.clock.run_for(PATIENCE)
    line = page.locator("body > p[role=alert]")
    expect(line).to_contain_text("stops WebSockets")
    stopped.clear()
    page.clock.resume()
    expect(line).to_have_count(0)


def test_a_page_under_another_name_than_the_app_was_asked_under_says_so(app: App, page: Page) -> None:
    """A proxy that sets the Host header to the app's own: whatever names the page that it comes from is refused."""
    refused = httpx.post(f"{app.url}/healthz", headers={"Origin": "https://dailies.test"})
    page.route("**/static/js/*", lambda route: route.abort())
    page.route("**/healthz", lambda route: route.fulfill(status=refused.status_code, body=refused.text))
    page.clock.install()
    page.goto(app.url)
    page.clock.run_for(PATIENCE)
    expect(page.locator("body > p[role=alert]")).to_contain_text("pass the Host header on")
