// @ts-check
// A chain of clips played in its order in one place: when a clip ends, the next one begins. A click begins at any of them.

/** @typedef {{ id: string, clip: string, poster: string, label: string, words: string }} Shot */

/** @param {StreamlitComponent<{ shots: Shot[] }>} component */
export default function (component) {
  const { data, parentElement } = component
  const box = /** @type {HTMLElement} */ (parentElement.querySelector(".strip"))
  const { shots } = data
  const drawn = shots.map((shot) => shot.id).join()
  const end = () => box.querySelector("video")?.pause()
  if (box.dataset.drawn === drawn) return end // addresses are signed anew with every drawing: what plays goes on
  box.dataset.drawn = drawn
  const film = document.createElement("video")
  film.controls = true
  film.playsInline = true
  film.preload = "none"
  film.setAttribute("aria-label", "The chain, one clip after another")
  const said = document.createElement("p")
  said.setAttribute("role", "status")
  const row = document.createElement("ol")
  let at = 0
  const buttons = shots.map((shot, number) => {
    const button = document.createElement("button")
    button.type = "button"
    button.title = `Play from here: ${shot.label}`
    button.setAttribute("aria-label", `Play from clip ${number + 1}: ${shot.label}`)
    const picture = document.createElement("img")
    picture.src = shot.poster
    picture.alt = ""
    picture.loading = "lazy"
    const words = document.createElement("span")
    words.textContent = `${number + 1} · ${shot.words}`
    button.append(picture, words)
    button.onclick = () => show(number, true)
    const item = document.createElement("li")
    item.append(button)
    row.append(item)
    return button
  })
  /** @param {number} number @param {boolean} play */
  const show = (number, play) => {
    at = number
    const shot = shots[at]
    film.poster = shot.poster
    film.src = shot.clip
    for (const [each, button] of buttons.entries()) {
      if (each === at) button.setAttribute("aria-current", "true")
      else button.removeAttribute("aria-current")
    }
    said.textContent = `Clip ${at + 1} of ${shots.length}: ${shot.words}`
    buttons[at].scrollIntoView({ block: "nearest", inline: "nearest" })
    if (play) film.play().catch(() => {})
  }
  film.onended = () => {
    if (at + 1 < shots.length) show(at + 1, true)
    else show(0, false)
  }
  film.onerror = () => {
    if (!film.error || !film.hasAttribute("src")) return
    if (at + 1 < shots.length && film.dataset.pressed) show(at + 1, true) // a clip that is gone does not end the strip
    else said.textContent = `Clip ${at + 1} of ${shots.length} cannot be played here.`
  }
  film.onplay = () => {
    film.dataset.pressed = "yes"
  }
  box.replaceChildren(film, said, row)
  show(0, false)
  return end
}
