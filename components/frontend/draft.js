// @ts-check
// Sends what is being typed to the server a moment after every change, and at once when the field or the page is left.
// Streamlit itself learns of it only when the field loses focus, and loses it where that happens on the way to another
// page. That page begins with what is saved, so it is asked for only when everything typed has been.

/** @typedef {{ field: string, path: string, most: number | null }} DraftData */

const PAUSE = 400 // milliseconds after the last change
const REPEAT = 1000 // milliseconds until a save that the server did not answer is tried again
const PATIENCE = 3000 // milliseconds that another page waits for the server to save

/** Sends of the fields on the page, and saves whose answer is awaited; one of each for the whole window. */
const shared = /** @type {{ dailiesDrafts?: { sends: Set<() => void>, saving: Set<Promise<unknown>> } }} */ (
  /** @type {unknown} */ (window)
)
if (!shared.dailiesDrafts) {
  shared.dailiesDrafts = { sends: new Set(), saving: new Set() }
  window.addEventListener("click", holdLink, true)
  window.addEventListener("popstate", followHistory)
}
const { sends, saving } = shared.dailiesDrafts

/**
 * Hold the press of a link to another page back until what is typed has been saved, then repeat it. Whatever opens
 * another tab or leaves the app goes its way.
 * @param {MouseEvent} event
 */
function holdLink(event) {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
  if (!(link instanceof HTMLAnchorElement) || !plain || link.target === "_blank" || link.origin !== location.origin) return
  const saved = saveAll()
  if (!saved) return
  event.preventDefault()
  event.stopImmediatePropagation()
  void saved.then(() => link.click())
}

/**
 * Send what is typed when Back or Forward is pressed. The page's own listener came first and has asked for the other page
 * already, perhaps too early for what is saved now: that page is asked for once more, and takes it up.
 */
function followHistory() {
  if (!saveAll()) return
  const { saving } = /** @type {NonNullable<typeof shared.dailiesDrafts>} */ (shared.dailiesDrafts)
  void Promise.allSettled(saving).then(() => {
    window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
  })
}

/** Send everything typed; resolves when it is saved, or has taken too long. Null where nothing waits. */
function saveAll() {
  const { sends, saving } = /** @type {NonNullable<typeof shared.dailiesDrafts>} */ (shared.dailiesDrafts)
  for (const send of sends) send()
  if (!saving.size) return null
  const late = new Promise((done) => setTimeout(done, PATIENCE))
  return Promise.race([Promise.allSettled(saving), late]).then(() => {
    saving.clear() // a server that does not answer holds nobody back twice
  })
}

/** @type {WeakMap<StreamlitComponent<DraftData>["parentElement"], () => void>} */
const watches = new WeakMap()

/** The limits of the models in use, by field. @type {Map<string, number | null>} */
const limits = new Map()

/**
 * Say how long the text is, once it is worth a thought. Characters are counted as the server counts them.
 * @param {StreamlitComponent<DraftData>["parentElement"]} parent
 * @param {string} field
 * @param {number | null} most
 */
function count(parent, field, most) {
  limits.set(field, most)
  const shown = /** @type {HTMLElement} */ (parent.querySelector(".length"))
  const area = document.querySelector(`.${CSS.escape(field)} textarea`)
  const length = area instanceof HTMLTextAreaElement ? [...area.value.trim()].length : 0
  shown.textContent = most === null || length * 2 < most ? "" : `${length.toLocaleString()} of ${most.toLocaleString()} characters`
  shown.classList.toggle("over", most !== null && length > most)
  const root = shown.getRootNode()
  const frame = root instanceof ShadowRoot ? root.host.closest('[data-testid="stElementContainer"]') : null
  frame?.toggleAttribute("data-shows-nothing", !shown.textContent)
}

/** @param {StreamlitComponent<DraftData>} component */
export default function ({ parentElement, data }) {
  const { field, most } = data
  count(parentElement, field, most)
  let end = watches.get(parentElement)
  if (!end) {
    end = watch(data, parentElement, () => watches.delete(parentElement))
    watches.set(parentElement, end)
  }
  return end
}

/**
 * Watch a field until the returned function is called; what is not sent yet is sent then. The document listens, because
 * the field may be drawn after this component.
 * @param {DraftData} data
 * @param {StreamlitComponent<DraftData>["parentElement"]} parent
 * @param {() => void} ended
 */
function watch({ field, path }, parent, ended) {
  let timer = 0
  let unsent = /** @type {string | null} */ (null)
  let sent = 0
  let over = false
  const send = () => {
    clearTimeout(timer)
    if (unsent === null) return
    const body = unsent
    const turn = ++sent
    const save = fetch(path, { method: "POST", body, keepalive: true, headers: { "Content-Type": "text/plain" } })
      .then(({ status }) => {
        if (status >= 500) throw new Error(String(status))
      })
      .catch(() => {
        if (over || turn !== sent || unsent !== null) return // something newer is sent
        unsent = body
        timer = setTimeout(send, REPEAT)
      })
    saving.add(save)
    void save.then(() => saving.delete(save))
    unsent = null
  }
  /** @param {{ target: EventTarget | null }} event */
  const changed = ({ target }) => {
    if (!(target instanceof HTMLTextAreaElement) || !target.closest(`.${CSS.escape(field)}`)) return
    unsent = target.value
    count(parent, field, limits.get(field) ?? null)
    clearTimeout(timer)
    timer = setTimeout(send, PAUSE)
  }
  document.addEventListener("input", changed)
  changed({ target: document.activeElement }) // the field may have been drawn, and typed into, before this component
  document.addEventListener("focusout", send)
  window.addEventListener("pagehide", send)
  document.addEventListener("visibilitychange", send) // a phone may end a hidden page without another word
  sends.add(send)
  return () => {
    document.removeEventListener("input", changed)
    document.removeEventListener("focusout", send)
    window.removeEventListener("pagehide", send)
    document.removeEventListener("visibilitychange", send)
    sends.delete(send)
    send()
    over = true
    ended()
  }
}
