// @ts-check
// A clip with its poster, and a button that tells which frame is shown. The element is kept between reruns, so that a
// playing clip is never interrupted.

/** @typedef {{ src: string, poster: string, width: number, height: number, label: string, eager: boolean, play: boolean }} ClipData */

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
    box.append(video)
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
