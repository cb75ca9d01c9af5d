"""Every page is readable, named and as wide as its window, in both themes: axe-core finds nothing serious."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, App, at_rest
from tests.browser.test_generate import PLAYING, generate

pytestmark = pytest.mark.browser

LATER = (
    "kling",
    "compare",
    "plan",
    "leaderboard",
    "library",
    "queue",
    "seen",
    "assets",
    "settings",
    "vote",
    "seedance-2",
    "other",
)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
THEMED = "(name) => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === name"
INSIDE = """
() => {
  const cells = (root) => [...root.querySelectorAll("*")].flatMap((e) =>
    [...(e.matches(".cell:hover .tip") ? [e] : []), ...(e.shadowRoot ? cells(e.shadowRoot) : [])])
  const [tip] = cells(document)
  if (!tip || getComputedStyle(tip).visibility !== "visible") return null
  const box = tip.getBoundingClientRect()
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
}
"""
SIDEWAYS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .some((each) => each && each.scrollWidth > each.clientWidth)"""


@pytest.fixture(params=SCHEMES)
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser that prefers the light or the dark theme."""
    scheme: Literal["light", "dark"] = request.param
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


def assert_looks_well(page: Page) -> None:
    """Assert that axe finds nothing serious at a desk's width, and that nothing scrolls sideways at a phone's."""
    page.set_viewport_size({"width": 1440, "height": 900})
    at_rest(page)
    page.locator(".dailies-sidebar").wait_for(state="attached")
    assert_nothing_serious(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(f"() => !({SIDEWAYS})()")


def assert_nothing_serious(page: Page, *rules: str) -> None:
    """Assert that axe finds nothing serious by these of its rules, or by any."""
    streamlits = {"exclude": [["[data-testid=stToast]"]]}  # names no toast, and it is gone in four seconds
    options: dict[str, object] = {"resultTypes": ["violations"]} | ({"runOnly": [*rules]} if rules else {})
    found = Axe().run(page, context=streamlits, options=options).response["violations"]
    serious = [
        (each["id"], node["html"][:160], [why["message"] for why in node["any"]])
        for each in found
        if each["impact"] in ("serious", "critical") or each["id"] == "heading-order"
        for node in each["nodes"]
    ]
    assert serious == []


def assert_both_themes(page: Page) -> None:
    """Assert that a page looks well in the light theme; the dark one has other colours, and nothing else of its own."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for scheme, assert_that in ((SCHEMES[0], assert_looks_well), (SCHEMES[1], assert_legible)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(THEMED, arg=scheme)
        assert_that(page)


def assert_legible(page: Page) -> None:
    assert_nothing_serious(page, "color-contrast")


@pytest.mark.thorough  # Home and a family's page, below, are made of the same parts
@pytest.mark.parametrize("name", LATER)
def test_a_page_in_both_themes(app: App, page: Page, name: str) -> None:
    page.goto(f"{app.url}/{name}")
    assert_both_themes(page)


@pytest.mark.thorough
def test_cards_menus_and_dialogs(app: App, themed: Page) -> None:
    themed.goto(f"{app.url}/sora")
    generate(themed, "A paper boat among reeds")
    themed.wait_for_function(PLAYING)
    assert_looks_well(themed)
    themed.set_viewport_size({"width": 1440, "height": 900})
    for name in ("Continue", "More"):
        at_rest(themed)
        themed.get_by_role("button", name=name).first.click()
        assert_looks_well(themed)
        themed.set_viewport_size({"width": 1440, "height": 900})
        themed.keyboard.press("Escape")


@pytest.mark.thorough  # a walk of its own for one small script
def test_a_run_that_ends_while_one_looks_elsewhere_is_told_where_that_was_asked_for(app: App, page: Page) -> None:
    page.add_init_script("""
        window.told = []
        window.Notification = class {
          static permission = "granted"
          static requestPermission = async () => "granted"
          constructor(words) { told.push(words) }
        }
        window.AudioContext = class extends AudioContext { constructor() { super(); told.push("sound") } }""")
    page.goto(f"{app.url}/sora")
    at_rest(page)
    page.get_by_role("checkbox", name="Tell me when a run ends").check()
    page.reload()
    expect(page.get_by_role("checkbox", name="Tell me when a run ends")).to_be_checked()
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    generate(page, "A kite over dunes")
    page.wait_for_function("() => told.length === 2")
    assert page.evaluate("told") == ["Done: sora-2", "sound"]


def test_home_in_both_themes_a_family_and_what_is_chosen_in_the_sidebar(app: App, page: Page) -> None:
    page.goto(app.url)
    assert_both_themes(page)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        at_rest(page)
        cells = page.locator(".cell")
        for index in (0, 4, cells.count() - 1):
            cells.nth(index).scroll_into_view_if_needed()
            cells.nth(index).hover()
            page.wait_for_function(INSIDE)
    page.get_by_role("link", name="Kling", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kling")
    assert_looks_well(page)  # dark, as Home was left, and with the sidebar
    page.set_viewport_size({"width": 1440, "height": 900})
    at_rest(page)
    page.get_by_role("radio", name="Light").check()
    page.wait_for_function(THEMED, arg="light")
    page.goto(f"{app.url}/settings")  # another page of the same browser
    at_rest(page)
    page.wait_for_function(THEMED, arg="light")
    expect(page.get_by_role("radio", name="Light")).to_be_checked()  # the script of the sidebar is there
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find a model")
    expect(field).to_be_focused()
    field.fill("hailuo first frame")
    expect(page.get_by_role("option").first).to_contain_text("Hailuo")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hailuo")
    page.wait_for_url("**/hailuo?*mode=first_frame*")
