// @ts-check
// Small functions that make the player's elements, and the icons it draws.

/**
 * Make an element. Names that the element has are set as properties, all others as attributes.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
function make(name, properties = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) Reflect.set(made, key, value)
    else made.setAttribute(key, String(value))
  }
  made.append(...children)
  return made
}

const icons = {
  play: "M7 4l13 8-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  first: "M5 4h2.5v16H5zM20 4v16L8.5 12z",
  last: "M19 4h-2.5v16H19zM4 4v16l11.5-8z",
  back: "M15.5 5v14L6 12zM17 5h2v14h-2z",
  next: "M8.5 5v14L18 12zM5 5h2v14H5z",
  loop: "M7 7h9v3l5-4.5L16 1v3H4v8h3zM17 17H8v-3l-5 4.5L8 23v-3h12v-8h-3z",
  heard: "M4 9v6h4l5 5V4L8 9zM16 8v8c1.6-.7 2.6-2.2 2.6-4S17.6 8.7 16 8z",
  full: "M4 4h6v2.5H6.5V10H4zM14 4h6v6h-2.5V6.5H14zM4 14h2.5v3.5H10V20H4zM17.5 14H20v6h-6v-2.5h3.5z",
}

/** @param {keyof typeof icons} name */
function icon(name) {
  const space = "http://www.w3.org/2000/svg"
  const drawn = document.createElementNS(space, "svg")
  const path = document.createElementNS(space, "path")
  drawn.setAttribute("viewBox", "0 0 24 24")
  drawn.setAttribute("aria-hidden", "true")
  path.setAttribute("d", icons[name])
  drawn.append(path)
  return drawn
}

/**
 * @param {string} label
 * @param {Node | string} content
 * @param {() => void} act
 */
function button(label, content, act) {
  const made = make("button", { type: "button", title: label, "aria-label": label }, content)
  made.onclick = act
  return made
}

/**
 * A list of choices; `act` gets the chosen value.
 * @param {string} label
 * @param {string[][]} options pairs of value and text
 * @param {(value: string) => void} act
 */
function choice(label, options, act) {
  const list = make("select", { "aria-label": label })
  fill(list, options)
  list.onchange = () => act(list.value)
  return list
}

/**
 * Replace the options of a list if they changed: replacing closes a list that is open.
 * @param {HTMLSelectElement} list
 * @param {string[][]} options pairs of value and text
 */
function fill(list, options) {
  const drawn = JSON.stringify(options)
  if (list.dataset.drawn === drawn) return
  list.dataset.drawn = drawn
  list.replaceChildren(...options.map(([value, text]) => make("option", { value, textContent: text })))
}

/**
 * @param {string} label
 * @param {number} low
 * @param {number} high
 * @param {number} step
 * @param {(value: number) => void} act
 */
function slider(label, low, high, step, act) {
  const made = make("input", { type: "range", "aria-label": label, min: low, max: high, step })
  made.oninput = () => act(Number(made.value))
  return made
}

/**
 * @param {string} text
 * @param {...Node} controls
 */
function labelled(text, ...controls) {
  return make("span", { className: "set" }, make("span", { className: "word", textContent: text }), ...controls)
}
