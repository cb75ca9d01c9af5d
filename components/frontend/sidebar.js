// @ts-check
// The sidebar: who is signed in and the way out, a search over the models of all families, the theme, whether it tells
// when a run ends, both remembered for the browser, and the list of pages (see `pages.js`).

/**
 * @typedef {{ family: string, title: string, model: string, about: string, text: string,
 *   modes: { id: string, text: string }[] }} Found
 * @typedef {{ path: string, pages: ListedPage[], current: string, person: string, mail: string }} SidebarData
 */

const MOST = 8
const THEMES = ["System", "Light", "Dark"]
const [entered] = performance.getEntriesByType("navigation")
// Streamlit keeps a theme for the page that was loaded, and knows nothing of it on the others.
const themeKey = (/** @type {string} */ path) => `stActiveTheme-${path}-v2`
const loadedAt = entered ? new URL(entered.name).pathname : location.pathname

/** @type {Promise<Found[]> | null} */
let models = null
/** @type {WeakMap<object, { component: StreamlitComponent<SidebarData> }>} */
const drawn = new WeakMap()

/** @param {StreamlitComponent<SidebarData>} component */
export default function (component) {
  const { parentElement, data } = component
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".dailies-sidebar"))
  const listed = data.pages.filter(({ section }) => section)
  listPages(/** @type {HTMLElement} */ (root.querySelector("nav")), listed, data.current)
  const known = drawn.get(parentElement)
  if (known) {
    known.component = component
    return
  }
  const held = { component }
  drawn.set(parentElement, held)
  showPerson(root, held)
  search(root, held)
  chooseTheme(root, data.pages.map(({ address }) => address))
  chooseTelling(root)
  orderHeadings()
}

/** @param {HTMLElement} root @param {{ component: StreamlitComponent<SidebarData> }} held */
function showPerson(root, held) {
  const row = /** @type {HTMLElement} */ (root.querySelector(".person"))
  const called = /** @type {HTMLElement} */ (row.querySelector(".called"))
  const { person, mail } = held.component.data
  row.hidden = !person
  called.textContent = person
  called.title = mail && mail !== person ? `${person}, ${mail}` : person
  const out = /** @type {HTMLButtonElement} */ (row.querySelector("button"))
  out.onclick = () => held.component.setTriggerValue("left", true)
}

/**
 * Whether this browser tells when a run ends; `announce.js` reads what is kept here.
 * @param {HTMLElement} root
 */
function chooseTelling(root) {
  const box = /** @type {HTMLInputElement} */ (root.querySelector(".tell"))
  const told = /** @type {HTMLElement} */ (root.querySelector(".told"))
  box.checked = localStorage.getItem("dailies/tell") === "on"
  box.onchange = async () => {
    localStorage.setItem("dailies/tell", box.checked ? "on" : "off")
    told.hidden = true
    if (!box.checked) return
    const given = "Notification" in window ? await Notification.requestPermission() : "missing"
    told.hidden = given === "granted"
    told.textContent = "This browser shows no notifications here, so there is a sound alone."
  }
}

/** @param {HTMLElement} root @param {{ component: StreamlitComponent<SidebarData> }} held */
function search(root, held) {
  const field = /** @type {HTMLInputElement} */ (root.querySelector("input[type=search]"))
  const list = /** @type {HTMLElement} */ (root.querySelector("[role=listbox]"))
  const said = /** @type {HTMLElement} */ (root.querySelector("[role=status]"))
  let at = 0
  /** @type {(Found & { mode: string })[]} */
  let shown = []
  const close = () => {
    list.hidden = true
    field.setAttribute("aria-expanded", "false")
    field.removeAttribute("aria-activedescendant")
  }
  const mark = () => {
    ;[...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)))
    list.children[at]?.scrollIntoView({ block: "nearest" })
    if (shown.length) field.setAttribute("aria-activedescendant", `dailies-model-${at}`)
    else field.removeAttribute("aria-activedescendant")
  }
  const choose = (/** @type {number} */ index) => {
    const found = shown[index]
    if (!found) return
    field.value = ""
    close()
    held.component.setTriggerValue("chosen", { family: found.family, model: found.model, mode: found.mode })
  }
  const look = async () => {
    models ??= fetch(`${held.component.data.path}/models`).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status))
      return answer.json()
    })
    let all = /** @type {Found[]} */ ([])
    try {
      all = await models
    } catch {
      models = null
    }
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
    if (!words.length) return close()
    shown = find(all, words).slice(0, MOST)
    at = 0
    list.replaceChildren(...shown.map((found, index) => draw(found, index, choose)))
    said.textContent = shown.length ? `${shown.length} found.` : "No model fits. Try a mode, a size or a name."
    list.hidden = !shown.length
    said.className = shown.length ? "hidden" : "none"
    field.setAttribute("aria-expanded", String(shown.length > 0))
    mark()
  }
  field.oninput = look
  field.onfocus = look
  field.onblur = () => setTimeout(() => {
    close()
    said.className = "hidden"
  }, 150) // a press on an option comes first
  field.onkeydown = (event) => {
    event.stopPropagation() // the keys of a page are not meant here
    if (event.key === "Enter") choose(at)
    else if (event.key === "Escape") close()
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (shown.length) at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length
      mark()
    }
  }
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || !field.isConnected) return
    event.preventDefault()
    if (!field.checkVisibility() || field.getBoundingClientRect().right <= 0) {
      /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stExpandSidebarButton]"))?.click()
    }
    setTimeout(() => field.focus(), 50)
  })
}

/**
 * Models that fit all words, those first whose name does. The mode is the one that the words speak of, if any.
 * @param {Found[]} all @param {string[]} words
 */
function find(all, words) {
  const named = (/** @type {Found} */ { title, model }) => {
    const name = `${title} ${model}`.toLowerCase()
    return words.filter((word) => name.includes(word)).length
  }
  return all
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .map((found) => ({ ...found, mode: pickMode(found, words), named: named(found) }))
    .sort((a, b) => b.named - a.named)
}

/** @param {Found} found @param {string[]} words */
function pickMode({ title, model, modes }, words) {
  const name = `${title} ${model}`.toLowerCase()
  const left = words.filter((word) => !name.includes(word))
  if (!left.length) return ""
  const fits = (/** @type {string} */ text) => left.filter((word) => text.includes(word)).length
  const best = Math.max(0, ...modes.map(({ text }) => fits(text)))
  return best ? (modes.find(({ text }) => fits(text) === best)?.id ?? "") : ""
}

/** @param {Found} found @param {number} index @param {(index: number) => void} choose */
function draw({ title, model, about }, index, choose) {
  const option = document.createElement("div")
  option.id = `dailies-model-${index}`
  option.setAttribute("role", "option")
  const small = document.createElement("small")
  small.textContent = about
  option.append(`${title}: ${model}`, small)
  option.onpointerdown = (event) => event.preventDefault()
  option.onclick = () => choose(index)
  return option
}

/** @param {HTMLElement} root @param {string[]} pages */
function chooseTheme(root, pages) {
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(themeKey(loadedAt)) ?? '"System"')
      return THEMES.includes(kept) ? kept : "System"
    } catch {
      return "System"
    }
  }
  const keep = (/** @type {string} */ theme) => {
    for (const page of new Set([...pages, loadedAt])) localStorage.setItem(themeKey(page), JSON.stringify(theme))
  }
  for (const choice of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input[type=radio]"))) {
    choice.checked = choice.value === read()
    choice.onchange = () => {
      keep(choice.value)
      location.reload()
    }
  }
  // What was chosen in Streamlit's own menu holds for the other pages too.
  addEventListener("pagehide", () => {
    if (localStorage.getItem(themeKey(loadedAt)) !== null) keep(read())
  })
}

/** Streamlit's headings skip levels, by their looks. For screen readers each one stands a level below its own. */
function orderHeadings() {
  const main = document.querySelector("[data-testid=stMain]")
  if (!main) return
  let asked = 0
  const order = () => {
    asked = 0
    /** @type {number[]} levels by looks, from the page's title to the heading at hand */
    const above = []
    for (const heading of main.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
      const look = Number(heading.tagName[1])
      while (above.length && /** @type {number} */ (above.at(-1)) >= look) above.pop()
      above.push(look)
      const level = String(above.length)
      if (heading.getAttribute("aria-level") !== level) heading.setAttribute("aria-level", level)
    }
  }
  order()
  new MutationObserver(() => (asked ||= requestAnimationFrame(order))).observe(main, { childList: true, subtree: true })
}
