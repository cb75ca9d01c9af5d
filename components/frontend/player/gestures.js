// @ts-check
// Pointers on the pictures: drag to move the visible region or the wipe, pinch or turn the wheel to zoom, tap to select.

/**
 * @param {Stage} stage
 * @param {State} state
 * @param {Actions} act
 */
function addGestures(stage, state, act) {
  const { element } = stage
  /** @type {Map<number, Point & { entry: Entry | undefined }>} */
  const pointers = new Map()
  let before = { x: 0, y: 0, spread: 0 } // the middle and distance of two fingers, or the place of one pointer
  let travelled = 0
  let wiping = false

  /**
   * A point of the window in parts of a picture's box.
   * @param {Point} point
   * @param {HTMLElement} picture
   */
  const within = (point, picture) => {
    const box = picture.getBoundingClientRect()
    return { x: (point.x - box.left) / box.width, y: (point.y - box.top) / box.height }
  }
  const entryAt = (/** @type {EventTarget | null} */ target) =>
    state.clock.entries.find((entry) => target instanceof Node && entry.cell.contains(target))
  const anyPicture = () => state.clock.entries.find((entry) => entry.shown)?.picture

  function grasp() {
    const [one, two] = [...pointers.values()]
    if (!two) return { x: one.x, y: one.y, spread: 0 }
    return { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2, spread: Math.hypot(one.x - two.x, one.y - two.y) }
  }

  /**
   * @param {typeof before} now
   * @param {HTMLElement} picture
   */
  function move(now, picture) {
    const box = picture.getBoundingClientRect()
    let region = state.region
    if (before.spread && now.spread) {
      region = zoomAbout(region, region.scale * (now.spread / before.spread), within(now, picture))
    }
    const x = region.x - (now.x - before.x) / box.width / region.scale
    const y = region.y - (now.y - before.y) / box.height / region.scale
    act.region({ ...region, x, y })
  }

  element.onpointerdown = (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, entry: entryAt(event.target) })
    element.setPointerCapture(event.pointerId)
    before = grasp()
    if (pointers.size === 1) travelled = 0
    const held = event.target instanceof Node && stage.handle.contains(event.target)
    wiping = pointers.size === 1 && state.arrangement() === "wipe" && (held || state.region.scale === 1)
    if (held) stage.wipeAt(event.clientX)
  }
  element.onpointermove = (event) => {
    const pointer = pointers.get(event.pointerId)
    if (!pointer) return
    pointer.x = event.clientX
    pointer.y = event.clientY
    const now = grasp()
    travelled += Math.hypot(now.x - before.x, now.y - before.y)
    const picture = pointer.entry?.picture ?? anyPicture()
    if (wiping && pointers.size === 1) {
      if (travelled > 3) stage.wipeAt(event.clientX)
    } else if (picture) move(now, picture)
    before = now
  }
  element.onpointerup = element.onpointercancel = (event) => {
    const pointer = pointers.get(event.pointerId)
    pointers.delete(event.pointerId)
    if (pointers.size) before = grasp()
    else if (pointer?.entry && travelled < 4 && event.type === "pointerup") act.select(pointer.entry.clip.id)
  }
  element.ondblclick = () => act.wholePicture()
  // Without Ctrl the wheel belongs to the page, as long as nothing is zoomed and the page can scroll.
  const wheel = (/** @type {WheelEvent} */ event) => {
    const ours = event.ctrlKey || event.metaKey || state.region.scale > 1 || state.mode === "present" || state.full()
    const picture = entryAt(event.target)?.picture ?? anyPicture()
    if (!ours || !picture) return
    event.preventDefault()
    const point = within({ x: event.clientX, y: event.clientY }, picture)
    act.region(zoomAbout(state.region, state.region.scale * Math.exp(-event.deltaY * 0.002), point))
  }
  element.addEventListener("wheel", wheel, { passive: false })
}
