// @ts-check
// Steps through a playlist of comparisons; within a comparison the keys belong to the player.
const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
/** @type {{ slides: Slide[], start: number }} */
const { slides, start: firstSlide } = JSON.parse(byId("data").textContent ?? "")
const screenRoot = byId("stage")
/** The next slide's clips by address, loaded while this slide is shown. @type {Map<string, HTMLVideoElement>} */
const preloaded = new Map()
let at = firstSlide
let presented = /** @type {Player | null} */ (null)

function show() {
  const { title, prompt, spec } = slides[at]
  presented?.destroy()
  presented = null
  screenRoot.replaceChildren()
  byId("title").textContent = title
  byId("prompt").textContent = prompt
  byId("said").hidden = !title && !prompt
  const nothing = spec.clips.length ? "" : "No clip of this comparison is finished yet. Look again in a while."
  byId("nothing").textContent = nothing
  byId("place").textContent = slides.length > 1 ? `${at + 1} of ${slides.length}. ${title}` : ""
  if (spec.clips.length) {
    const root = document.createElement("div")
    screenRoot.append(root)
    presented = dailiesPlayer(root, spec)
    root.focus({ preventScroll: true })
  }
  preload(slides[(at + 1) % slides.length])
}

/** @param {Slide} slide */
function preload({ spec }) {
  preloaded.forEach((video) => video.removeAttribute("src"))
  preloaded.clear()
  if (slides.length < 2) return
  for (const { src } of spec.clips) {
    const video = document.createElement("video")
    video.preload = "auto"
    video.muted = true
    video.src = src
    preloaded.set(src, video)
  }
}

/**
 * Runs before the player's own keys: in a playlist the arrows show another comparison, not another frame.
 * @param {KeyboardEvent} event
 */
function turnPage(event) {
  const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0
  if (!by || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (event.repeat) return
  at = (at + by + slides.length) % slides.length
  show()
}

if (slides.length > 1) window.addEventListener("keydown", turnPage, { capture: true })
if (slides.length) show()
