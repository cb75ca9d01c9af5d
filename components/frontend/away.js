// @ts-check
// While the server is away: one calm line at the top in place of Streamlit's dialog, which would also keep the form out of
// reach. Streamlit asks for the server every few seconds and goes on by itself.

const PATIENCE = 800 // milliseconds without the server that nobody has to know of
const LONG = 60000 // milliseconds after which it may be more than a restart
const SHORT_WORDS = "The app is restarting; this page comes back by itself. Nothing you typed is lost."
const LONG_WORDS = "The app does not answer. This page comes back by itself when it does. Nothing you typed is lost."

const awayOnce = /** @type {{ dailiesAway?: boolean }} */ (/** @type {unknown} */ (window))
if (!awayOnce.dailiesAway) {
  awayOnce.dailiesAway = true
  watchServer()
}

function watchServer() {
  const line = document.createElement("div")
  line.className = "dailies-away"
  line.setAttribute("role", "status")
  document.body.append(line)
  /** @type {number[]} */
  let timers = []
  let away = false
  const dialogs = new MutationObserver(closeDialog)
  const look = () => {
    const state = document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-connection-state")
    if ((state !== "CONNECTED") === away) return
    away = !away
    document.documentElement.classList.toggle("dailies-is-away", away)
    timers.forEach(clearTimeout)
    timers = []
    if (away) {
      dialogs.observe(document.body, { childList: true, subtree: true })
      const say = (/** @type {string} */ words) => () => dress(line, words)
      timers = [setTimeout(say(SHORT_WORDS), PATIENCE), setTimeout(say(LONG_WORDS), LONG)]
      return
    }
    dialogs.disconnect()
    line.textContent = ""
    followAddress()
  }
  const states = new MutationObserver(look)
  states.observe(document.documentElement, { subtree: true, attributeFilter: ["data-test-connection-state"] })
  look()
}

/** Ask for the page of the address, where Back or Forward was pressed while nobody could be asked for it. */
function followAddress() {
  const shown = document.querySelector(".dailies-sidebar a[aria-current=page]")
  if (!(shown instanceof HTMLAnchorElement) || new URL(shown.href).pathname === location.pathname) return
  window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
}

/**
 * Say something in the line, in the colours of the theme.
 * @param {HTMLElement} line @param {string} words
 */
function dress(line, words) {
  const app = document.querySelector("[data-testid=stApp]")
  if (app) {
    const { color, backgroundColor } = getComputedStyle(app)
    Object.assign(line.style, { color, backgroundColor })
  }
  line.textContent = words
}

/** Close Streamlit's dialog about the connection: it holds the focus. It comes back with the next connection that is lost. */
function closeDialog() {
  for (const dialog of document.querySelectorAll("[role=dialog]")) {
    if (!/^\s*Connection error/.test(dialog.textContent ?? "")) continue
    /** @type {HTMLElement | null} */ (dialog.querySelector("[aria-label=Close]"))?.click()
  }
}

