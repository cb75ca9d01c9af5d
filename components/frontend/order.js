// @ts-check
// Cards of one slot put into another order by dragging: a mouse begins at once, a finger after a moment, so that the page
// can still be scrolled. The cards are Streamlit's own: only their style changes here, and Python draws the new order.

/** @typedef {{ cards: { className: string, id: string, name: string }[] }} OrderData */

const SLACK = 6 // pixels that a press may wander before it is a drag, or before a finger scrolls
const HOLD = 250 // milliseconds that a finger rests on a card before it takes it
const EDGE = 64 // pixels from the edge of the window where the page begins to scroll
const STEP = 12 // pixels that it scrolls for each frame
const CONTROLS = "button, a, input, textarea, summary, [role='combobox'], [data-baseweb='select']"

/** @type {WeakMap<StreamlitComponent<OrderData>["parentElement"], () => void>} */
const watches = new WeakMap()

/** @param {StreamlitComponent<OrderData>} component */
export default function (component) {
  watches.get(component.parentElement)?.()
  const end = watch(component)
  watches.set(component.parentElement, end)
  return end
}

/**
 * The place that a card gets if it is let go at a point: that of the card there, else of the nearest one.
 * @param {{ left: number, top: number, right: number, bottom: number }[]} boxes
 * @param {number} x
 * @param {number} y
 */
function findPlace(boxes, x, y) {
  const far = boxes.map(({ left, top, right, bottom }) => Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)))
  return far.indexOf(Math.min(...far))
}

/**
 * Watch the cards until the returned function is called; a drag that goes on then is given up.
 * @param {StreamlitComponent<OrderData>} component
 */
function watch({ parentElement, data, setTriggerValue }) {
  const said = /** @type {HTMLElement} */ (parentElement.querySelector(".said"))
  /** @type {{ from: number, to: number, x: number, y: number, pointer: number, scrolled: number, taken: boolean } | null} */
  let drag = null
  let hold = 0
  let frame = 0
  let pointed = { x: 0, y: 0 }

  const find = () => data.cards.map(({ className }) => document.querySelector(`.${CSS.escape(className)}`))
  const colour = getComputedStyle(said).getPropertyValue("--st-primary-color")
  const scroller = () => document.querySelector("[data-testid='stMain']")
  /** The cards' places without what the drag does to them. */
  const measure = () =>
    find().map((card, at) => {
      const box = card?.getBoundingClientRect() ?? new DOMRect(Infinity, Infinity)
      const [dx, dy] = drag && at === drag.from ? shift() : [0, 0]
      return { left: box.left - dx, top: box.top - dy, right: box.right - dx, bottom: box.bottom - dy }
    })
  /** @returns {[number, number]} */
  const shift = () =>
    drag?.taken ? [pointed.x - drag.x, pointed.y - drag.y + (scroller()?.scrollTop ?? 0) - drag.scrolled] : [0, 0]

  const clear = () => {
    clearTimeout(hold)
    cancelAnimationFrame(frame)
    for (const card of find()) {
      if (card instanceof HTMLElement) card.style.cssText = ""
    }
    drag = null
  }
  const take = () => {
    if (!drag) return
    drag.taken = true
    getSelection()?.removeAllRanges()
    follow()
  }
  /** Draw the card under the pointer and where it would go; the page scrolls while the pointer is near its edge. */
  const follow = () => {
    if (!drag) return
    const boxes = measure()
    drag.to = findPlace(boxes, pointed.x, pointed.y)
    for (const [at, card] of find().entries()) {
      if (!(card instanceof HTMLElement)) continue
      const [dx, dy] = shift()
      const side = drag.to < drag.from ? -4 : 4
      if (at === drag.from) card.style.cssText = `transform: translate(${dx}px, ${dy}px); opacity: 0.75; z-index: 5; position: relative; cursor: grabbing; pointer-events: none`
      else card.style.cssText = at === drag.to ? `box-shadow: ${side}px 0 0 0 ${colour}` : ""
    }
    const page = scroller()
    if (page && pointed.y < EDGE) page.scrollTop -= STEP
    if (page && pointed.y > innerHeight - EDGE) page.scrollTop += STEP
    frame = requestAnimationFrame(follow)
  }

  /** @param {PointerEvent} event */
  const down = (event) => {
    if (drag || !event.isPrimary || event.button !== 0 || !(event.target instanceof Element)) return
    if (event.target.closest(CONTROLS)) return
    const { target } = event
    const from = find().findIndex((card) => card?.contains(target))
    if (from < 0) return
    pointed = { x: event.clientX, y: event.clientY }
    drag = { from, to: from, ...pointed, pointer: event.pointerId, scrolled: scroller()?.scrollTop ?? 0, taken: false }
    if (event.pointerType === "touch") hold = setTimeout(take, HOLD)
  }
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!drag || event.pointerId !== drag.pointer) return
    pointed = { x: event.clientX, y: event.clientY }
    if (drag.taken || Math.hypot(pointed.x - drag.x, pointed.y - drag.y) <= SLACK) return
    if (event.pointerType === "touch") clear() // the finger scrolls
    else take()
  }
  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!drag || event.pointerId !== drag.pointer) return
    pointed = { x: event.clientX, y: event.clientY }
    const { from, taken } = drag
    const to = taken ? findPlace(measure(), pointed.x, pointed.y) : from
    clear()
    if (to === from) return
    said.textContent = `${data.cards[from].name} is now number ${to + 1}.`
    setTriggerValue("moved", { id: data.cards[from].id, from, to })
  }
  /** @param {Event} event */
  const hinder = (event) => {
    const native = event.type === "dragstart" || event.type === "selectstart"
    if (drag?.taken || (drag && native)) event.preventDefault()
  }
  /** @param {KeyboardEvent} event */
  const escape = (event) => {
    if (event.key === "Escape" && drag) clear()
  }

  const listeners = /** @type {[string, (event: any) => void][]} */ ([
    ["pointerdown", down],
    ["pointermove", move],
    ["pointerup", up],
    ["pointercancel", clear],
    ["touchmove", hinder],
    ["contextmenu", hinder],
    ["dragstart", hinder],
    ["selectstart", hinder],
    ["keydown", escape],
  ])
  for (const [name, listener] of listeners) document.addEventListener(name, listener, { passive: false })
  return () => {
    for (const [name, listener] of listeners) document.removeEventListener(name, listener)
    clear()
    watches.delete(parentElement)
  }
}
