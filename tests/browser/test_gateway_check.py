"""The check of a gateway shows its outcome by itself, as does whatever else on a page waits for the same news."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_rest, free_port, start_app
from tests.sandbox.conftest import serving

pytestmark = pytest.mark.browser
KEY = "sk-of-the-operator-123"


@pytest.mark.thorough  # tests/pages/test_gateway.py shows the outcome; other pages follow by push in every run
def test_a_gateway_is_checked_and_its_state_is_on_home(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path / "sandbox", 0, shape="litellm") as api:
        address = str(api.base_url).rstrip("/")
        app = start_app(tmp_path / "home", free_port(), DAILIES_BASE_URL=address, DAILIES_API_KEY=KEY)
        try:
            page.goto(f"{app.url}/settings")
            at_rest(page)
            page.get_by_role("button", name="Check this gateway").click()
            expect(page.get_by_text("This is LiteLLM.")).to_be_visible()
            expect(page.get_by_text("Asking the gateway")).to_have_count(0)
            assert KEY not in page.content()
            page.goto(app.url)
            at_rest(page)
            expect(page.get_by_text("cannot be used")).to_have_count(0)
        finally:
            app.kill()
