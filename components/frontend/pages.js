// @ts-check
// The list of pages in the sidebar. Streamlit draws each link of its own list with its code for Markdown, and thirty of
// them were a sixth of the browser's work for a reload.

/** @typedef {{ section: string, address: string, title: string, icon: string, about: string }} ListedPage */

/**
 * Draw the list where it is not drawn yet, and mark the page on show.
 * @param {HTMLElement} nav @param {ListedPage[]} pages @param {string} current the address of the page on show
 */
function listPages(nav, pages, current) {
  if (!nav.firstChild) {
    const sections = new Set(pages.map(({ section }) => section))
    nav.append(...[...sections].map((title) => makeSection(title, pages.filter(({ section }) => section === title))))
  }
  for (const link of nav.querySelectorAll("a")) {
    if (link.pathname === current) link.setAttribute("aria-current", "page")
    else link.removeAttribute("aria-current")
  }
}

/** @param {string} title @param {ListedPage[]} pages */
function makeSection(title, pages) {
  const kept = `dailies/folded/${title}`
  const section = document.createElement("details")
  section.open = localStorage.getItem(kept) === null
  section.ontoggle = () => (section.open ? localStorage.removeItem(kept) : localStorage.setItem(kept, "yes"))
  const heading = document.createElement("summary")
  heading.textContent = title
  const list = document.createElement("ul")
  list.setAttribute("role", "list") // without its dots Safari takes it for none
  list.setAttribute("aria-label", title)
  list.append(...pages.map(makePageLink))
  section.append(heading, list)
  return section
}

/** @param {ListedPage} page */
function makePageLink({ address, title, icon, about }) {
  const picture = document.createElement("span")
  picture.className = "icon"
  picture.translate = false
  picture.setAttribute("aria-hidden", "true")
  picture.textContent = icon
  const link = document.createElement("a")
  link.href = address
  link.title = about
  link.append(picture, title)
  link.onclick = openPage
  const item = document.createElement("li")
  item.append(link)
  return item
}

/**
 * Open a page without loading the app anew, as Back and Forward do: Streamlit draws the page of the address.
 * @param {MouseEvent} event
 */
function openPage(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget)
  if (link.pathname !== location.pathname) history.pushState({}, "", link.href)
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
  if (!matchMedia("(max-width: 768px)").matches) return // else the sidebar lies over the page
  /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stSidebarCollapseButton] button"))?.click()
}
