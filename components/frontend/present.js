// Steps through a playlist of comparisons; within one of them the keys are the player's.
const { slides, start } = JSON.parse(document.getElementById("data").textContent)
const stage = document.getElementById("stage")
const ahead = new Map() // addresses of the next slide's clips, loaded while this one is looked at
let at = start
let player = null

function show() {
  const { title, prompt, spec } = slides[at]
  player?.destroy()
  player = null
  stage.replaceChildren()
  document.getElementById("title").textContent = title
  document.getElementById("prompt").textContent = prompt
  document.getElementById("said").hidden = !title && !prompt
  const nothing = spec.clips.length ? "" : "No clip of this comparison is finished yet. Look again in a while."
  document.getElementById("nothing").textContent = nothing
  document.getElementById("place").textContent = slides.length > 1 ? `${at + 1} of ${slides.length}. ${title}` : ""
  if (spec.clips.length) {
    const root = document.createElement("div")
    stage.append(root)
    player = dailiesPlayer(root, spec)
    root.focus({ preventScroll: true })
  }
  preload(slides[(at + 1) % slides.length])
}

function preload({ spec }) {
  ahead.forEach((video) => video.removeAttribute("src"))
  ahead.clear()
  if (slides.length < 2) return
  for (const { src } of spec.clips) {
    const video = document.createElement("video")
    video.preload = "auto"
    video.muted = true
    video.src = src
    ahead.set(src, video)
  }
}

// Before the player hears of them: in a playlist the arrows are for the next comparison, not for the next frame.
function step(event) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (!by || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (event.repeat) return
  at = (at + by + slides.length) % slides.length
  show()
}

if (slides.length > 1) window.addEventListener("keydown", step, { capture: true })
if (slides.length) show()
