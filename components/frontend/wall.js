// @ts-check
// The newest takes as a wall of pictures: a clip plays under the pointer, a click opens its run.

/**
 * @typedef {{ id: string, poster: string, clip: string, label: string, model: string, facts: string, state: string,
 *   open: boolean, words?: string }} Take
 */

const HOVER = 180 // milliseconds over a picture until its clip plays

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} [properties]
 * @param {...Node} children
 */
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** @param {StreamlitComponent<{ takes: Take[] }>} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const wall = /** @type {HTMLElement} */ (parentElement.querySelector(".wall"))
  // Signed addresses change with time: a picture that is shown already stays.
  const drawn = JSON.stringify(data.takes.map(({ id, state, facts }) => [id, state, facts]))
  if (wall.dataset.drawn === drawn) return
  wall.dataset.drawn = drawn
  const held = wall.contains(/** @type {ShadowRoot | Document} */ (wall.getRootNode()).activeElement)
  wall.replaceChildren(...data.takes.map((take) => draw(take, (id) => setTriggerValue("opened", id))))
  if (held) wall.querySelector("button")?.focus()
}

/** @param {Take} take @param {(id: string) => void} open */
function draw(take, open) {
  const frame = element("span", { className: "frame" })
  if (take.poster) {
    const picture = element("img", { src: take.poster, alt: "", decoding: "async", loading: "lazy" })
    picture.onerror = () => picture.replaceWith(element("span", { className: "state", textContent: take.state }))
    frame.append(picture)
  } else frame.append(element("span", { className: take.open ? "state open" : "state", textContent: take.state }))
  const caption = element("span", { className: "caption" })
  caption.append(element("span", { className: "model", textContent: take.model }), element("span", { textContent: take.facts }))
  const tile = element("button", { type: "button" }, frame, caption)
  if (take.words) tile.append(element("span", { className: "words", textContent: take.words }))
  tile.setAttribute("aria-label", take.label)
  tile.onclick = () => open(take.id)
  let soon = 0
  const play = () => {
    if (!take.clip || frame.querySelector("video")) return
    const video = element("video", { src: take.clip, poster: take.poster, muted: true, loop: true, playsInline: true })
    frame.append(video)
    video.play().catch(() => {})
  }
  const still = () => {
    clearTimeout(soon)
    const video = frame.querySelector("video")
    video?.removeAttribute("src")
    video?.load()
    video?.remove()
  }
  tile.onpointerenter = ({ pointerType }) => {
    if (pointerType === "mouse" && !matchMedia("(prefers-reduced-motion: reduce)").matches) soon = setTimeout(play, HOVER)
  }
  tile.onpointerleave = still
  return tile
}
