// @ts-check
// Keeps the second click of a double click from a button that pays and that the first one has moved under the pointer:
// a new card pushes the others down, and the script that draws them gives one run's button to another.

const SAME_PLACE = 12 // pixels
const SHORT = 2000 // milliseconds, as long as the server takes a second press of one button for the first

const guardOnce = /** @type {{ dailiesPresses?: boolean }} */ (/** @type {unknown} */ (window))
if (!guardOnce.dailiesPresses) {
  guardOnce.dailiesPresses = true
  guardPresses()
}

function guardPresses() {
  let last = { name: "", node: /** @type {EventTarget | null} */ (null), x: 0, y: 0, time: -SHORT }
  window.addEventListener(
    "click",
    (event) => {
      const name = nameButton(event.target)
      const { clientX: x, clientY: y, timeStamp: time } = event
      const byKey = event.detail === 0
      const near = byKey ? event.target === last.node : Math.hypot(x - last.x, y - last.y) < SAME_PLACE
      if (near && time - last.time < SHORT && name !== last.name && pays(name) && pays(last.name)) {
        event.preventDefault()
        event.stopImmediatePropagation()
        last.time = time // a key that is held goes on to be one press
        return
      }
      last = { name, node: event.target, x, y, time }
    },
    true,
  )
}

/** @param {string} name */
function pays(name) {
  return name.endsWith("-press")
}

/**
 * What a click is about: the key of the element that holds it.
 * @param {EventTarget | null} target
 */
function nameButton(target) {
  const held = target instanceof Element ? target.closest("[class*='st-key-']") : null
  return [...(held?.classList ?? [])].find((name) => name.startsWith("st-key-")) ?? ""
}
