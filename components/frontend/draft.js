// @ts-check
// Sends what is being typed to the server a moment after every change, and at once when the field or the page is left.
// Streamlit itself learns of it only when the field loses focus, and loses it where that happens on the way to another
// page. Whoever comes straight back from there must find it, so it leaves before the other page is asked for.

/** @typedef {{ field: string, path: string, most: number | null }} DraftData */

const PAUSE = 400 // milliseconds after the last change

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
  const send = () => {
    clearTimeout(timer)
    if (unsent === null) return
    void fetch(path, { method: "POST", body: unsent, keepalive: true, headers: { "Content-Type": "text/plain" } })
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
  return () => {
    document.removeEventListener("input", changed)
    document.removeEventListener("focusout", send)
    window.removeEventListener("pagehide", send)
    send()
    ended()
  }
}
