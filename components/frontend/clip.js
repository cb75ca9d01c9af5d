// @ts-check
// A clip with its poster. The element is kept between reruns, so that a playing clip is never interrupted.

/** @typedef {{ src: string, poster: string, width: number, height: number, label: string, eager: boolean, play: boolean }} ClipData */

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
    if (data.play && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      video.muted = true
      video.play().catch(() => {})
    }
  }
  box.style.setProperty("--dailies-ratio", String(data.width / data.height))
}
