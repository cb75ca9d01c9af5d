"""The list of pages in the sidebar, on a page of its own: the test speaks for Streamlit."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

SCRIPT = Path(__file__).parents[2] / "components" / "frontend" / "pages.js"
PAGES = [
    {"section": "Own", "address": "/", "title": "Home", "icon": "home", "about": "What there is."},
    {"section": "Own", "address": "/library", "title": "Library", "icon": "book", "about": "What there was."},
    {"section": "Models", "address": "/one", "title": "<b>One", "icon": "star", "about": ""},
]
STAGE = """<nav></nav>
<script>
  window.asked = []
  addEventListener("popstate", () => asked.push(location.pathname))
  const draw = (pages, current) => listPages(document.querySelector("nav"), pages, current)
</script>"""


def test_a_link_asks_for_its_page_and_a_section_stays_folded(page: Page) -> None:
    page.route("http://stage.test/**", lambda route: route.fulfill(body=STAGE, content_type="text/html"))
    page.add_init_script(f"{SCRIPT.read_text(encoding='utf-8')}; window.listPages = listPages")

    def draw(current: str) -> None:
        page.evaluate("([pages, current]) => draw(pages, current)", [PAGES, current])

    page.goto("http://stage.test/?begun=1")
    draw("/")
    link = page.locator("a")
    expect(link).to_have_text(["homeHome", "bookLibrary", "star<b>One"])
    expect(link.first).to_have_attribute("aria-current", "page")
    assert link.first.get_attribute("title") == "What there is."
    link.nth(1).click()
    draw("/library")
    expect(page.locator("[aria-current]")).to_have_text("bookLibrary")
    link.nth(1).click()  # the page on show is drawn anew and is no step of the history
    assert page.evaluate("asked") == ["/library", "/library"]
    page.go_back()
    assert page.url.endswith("/?begun=1")
    with page.context.expect_page() as opened:
        link.nth(2).click(modifiers=["ControlOrMeta"])
    opened.value.close()
    assert page.evaluate("asked").count("/one") == 0
    page.locator("summary", has_text="Models").click()
    page.reload()
    draw("/")
    expect(link.nth(1)).to_be_visible()
    expect(link.nth(2)).to_be_hidden()


def test_the_sidebar_of_a_phone_closes_for_the_page(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    button = '<div data-testid="stSidebarCollapseButton"><button onclick="this.textContent = 0">Close</button></div>'
    page.route("http://stage.test/**", lambda route: route.fulfill(body=button + STAGE, content_type="text/html"))
    page.add_init_script(f"{SCRIPT.read_text(encoding='utf-8')}; window.listPages = listPages")
    page.goto("http://stage.test/")
    page.evaluate("(pages) => draw(pages, '/')", PAGES)
    page.locator("a").nth(1).click()
    expect(page.get_by_role("button").first).to_have_text("0")
