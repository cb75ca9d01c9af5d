// @ts-check
// A clip with its poster, and a button that tells which frame is shown. The element is kept between reruns, so that a
// playing clip is never interrupted.

/**
 * @typedef {{ src: string, poster: string, width: number, height: number, label: string, name: string,
 *   eager: boolean, play: boolean }} ClipData
 */

/** When the frame that is shown begins, in seconds, as the browser last said. @type {WeakMap<HTMLVideoElement, number>} */
const shown = new WeakMap()

/** @param {HTMLVideoElement} video */
function watch(video) {
  if (!video.requestVideoFrameCallback) return
  video.requestVideoFrameCallback((_, { mediaTime }) => {
    shown.set(video, mediaTime)
    watch(video)
  })
}

/** @param {StreamlitComponent<ClipData>} component */
export default function (component) {
  const { data, parentElement } = component
  const box = /** @type {HTMLElement} */ (parentElement.querySelector(".dailies-clip"))
  let video = box.querySelector("video")
  if (!video || video.dataset.src !== data.src) {
    box.replaceChildren()
    video = document.createElement("video")
    video.dataset.src = data.src
    video.controls = true
    video.playsInline = true
    video.preload = data.eager ? "auto" : "none"
    video.poster = data.poster
    video.width = data.width
    video.height = data.height
    video.setAttribute("aria-label", data.label)
    video.src = data.src
    box.append(video, makeSaver(video, data.name))
    watch(video)
    if (data.play && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      video.muted = true
      video.play().catch(() => {})
    }
  }
  box.style.setProperty("--dailies-ratio", String(data.width / data.height))
  const film = video
  const pick = /** @type {HTMLButtonElement} */ (parentElement.querySelector(".dailies-pick"))
  pick.onclick = () => {
    film.pause()
    // Nothing has been shown of a clip that was never started: its poster is no frame, so it is the first one.
    const at = film.readyState < HTMLMediaElement.HAVE_CURRENT_DATA ? 0 : (shown.get(film) ?? film.currentTime)
    component.setTriggerValue("frame", at)
  }
}

/**
 * A button that saves the frame on show, in the clip's own size.
 * @param {HTMLVideoElement} video
 * @param {string} name
 */
function makeSaver(video, name) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "frame"
  button.textContent = "Save frame"
  button.title = "Saves the frame on show as a PNG file"
  button.hidden = true // until there is a frame: before, the poster is shown
  video.addEventListener("loadeddata", () => (button.hidden = false))
  button.onclick = () => {
    const canvas = document.createElement("canvas")
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    canvas.getContext("2d")?.drawImage(video, 0, 0)
    const at = (shown.get(video) ?? video.currentTime).toFixed(3) // seconds; read with the frame, for a clip that plays goes on
    canvas.toBlob((blob) => {
      if (!blob) return
      const link = document.createElement("a")
      link.href = URL.createObjectURL(blob)
      link.download = `${name}_${at}s.png`
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
    }, "image/png")
  }
  return button
}
