// @ts-check
// Steps through a playlist of comparisons; within a comparison the keys belong to the player.
const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
/** @type {{ slides: Slide[], start: number, shown: { title: boolean, prompt: boolean } }} */
const { slides, start: firstSlide, shown } = JSON.parse(byId("data").textContent ?? "")
const screenRoot = byId("stage")
/** The next slide's clips by address, loaded while this slide is shown. @type {Map<string, HTMLVideoElement>} */
const preloaded = new Map()
let at = firstSlide
let presented = /** @type {Player | null} */ (null)

function show() {
  const { title, spec } = slides[at]
  presented?.destroy()
  presented = null
  screenRoot.replaceChildren()
  sayWords()
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

/** Below the clips, never over them: the stage gives up the room. */
function sayWords() {
  const { title, prompt } = slides[at]
  byId("title").textContent = shown.title ? title : ""
  byId("prompt").textContent = shown.prompt ? prompt : ""
  byId("said").hidden = !byId("title").textContent && !byId("prompt").textContent
  byId("ask-prompt").setAttribute("aria-pressed", String(shown.prompt))
}

function togglePrompt() {
  shown.prompt = shown.title = !shown.prompt
  sayWords()
}

const code = /** @type {HTMLDialogElement} */ (byId("code"))
const toggleCode = () => (code.open ? code.close() : code.showModal())

const HINT = 4000 // milliseconds that the hint stays
let fade = 0
function showHint() {
  byId("hint").classList.remove("faded")
  clearTimeout(fade)
  fade = setTimeout(() => byId("hint").classList.add("faded"), HINT)
}

/** @param {KeyboardEvent} event */
function askByKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
  const key = event.key.toLowerCase()
  if (key === "p" && !code.open) togglePrompt()
  else if (key === "q") toggleCode()
  else return
  event.preventDefault()
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
if (slides.length) {
  show()
  byId("ask-prompt").onclick = togglePrompt
  byId("ask-code").onclick = toggleCode
  byId("close-code").onclick = () => code.close()
  byId("ask-names").onclick = () => {
    const player = screenRoot.firstElementChild // whose keys these are
    player?.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }))
  }
  window.addEventListener("keydown", askByKey)
  for (const name of ["pointermove", "pointerdown", "focusin"]) window.addEventListener(name, showHint)
  showHint()
} else byId("hint").hidden = true
