// @ts-check
// The library as a grid of posters. Tiles are kept between reruns; what is picked is kept while the app is open.

/**
 * @typedef {{ id: string, poster: string, clip: string, ratio: number, label: string, model: string, prompt: string,
 *   facts: string, state: string, differs: string, starred: boolean, tags: string[], session: string }} Tile
 * @typedef {{ tiles: Tile[], size: number, deleted: boolean, present: string }} ShelfData
 * @typedef {{ do: string, runs: string[], at: number }} Act
 */

const HOVER = 180 // milliseconds over a poster until its clip plays

/** What is picked, in the order in which it was; the same for every page of the library. @type {Set<string>} */
const picked = new Set()

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

/** The heading of a session, as an item: a list holds nothing else. @param {string} title */
function makeSession(title) {
  const made = element("div", { className: "session" }, element("h2", { textContent: title }))
  made.setAttribute("role", "listitem")
  return made
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches

/** @type {WeakMap<StreamlitComponent<ShelfData>["parentElement"], Shelf>} */
const shelves = new WeakMap()

/** @param {StreamlitComponent<ShelfData>} component */
export default function (component) {
  const known = shelves.get(component.parentElement)
  const shelf = known ?? new Shelf(component)
  if (!known) shelves.set(component.parentElement, shelf)
  shelf.draw(component)
  return () => shelf.stop()
}

class Shelf {
  /** @param {StreamlitComponent<ShelfData>} component */
  constructor(component) {
    this.component = component
    /** @type {Map<string, { drawn: string, tile: HTMLElement }>} */
    this.tiles = new Map()
    this.anchor = "" // where a range begins
    this.current = "" // the tile that the Tab key reaches
    this.hover = 0
    this.grid = /** @type {HTMLElement} */ (component.parentElement.querySelector(".grid"))
    this.bar = /** @type {HTMLElement} */ (component.parentElement.querySelector(".bar"))
    this.grid.onkeydown = (event) => this.onKey(event)
  }

  /** @param {StreamlitComponent<ShelfData>} component */
  draw(component) {
    this.component = component
    const { tiles, size } = component.data
    this.grid.style.setProperty("--tile", `${size}px`)
    const ids = tiles.map((tile) => tile.id)
    if (!ids.includes(this.current)) this.current = ids[0] ?? ""
    /** @type {Node[]} */
    const wanted = []
    for (const tile of tiles) {
      if (tile.session) wanted.push(makeSession(tile.session))
      const drawn = JSON.stringify(tile)
      const known = this.tiles.get(tile.id)
      const shown = known?.drawn === drawn ? known.tile : this.make(tile)
      this.tiles.set(tile.id, { drawn, tile: shown })
      wanted.push(shown)
    }
    for (const id of this.tiles.keys()) if (!ids.includes(id)) this.tiles.delete(id)
    const focused = this.focusedId()
    const same = wanted.length === this.grid.childNodes.length && wanted.every((node, at) => this.same(node, at))
    if (!same) {
      this.grid.replaceChildren(...wanted)
      if (focused) this.focus(ids.includes(focused) ? focused : this.current)
    }
    this.mark()
  }

  /** @param {Node} node @param {number} at */
  same(node, at) {
    const there = this.grid.childNodes[at]
    const isSession = (/** @type {Node} */ each) => each.firstChild?.nodeName === "H3"
    return there === node || (isSession(node) && isSession(there) && node.textContent === there.textContent)
  }

  /** @param {Tile} tile */
  make(tile) {
    const frame = element("span", { className: "frame" })
    frame.style.aspectRatio = "16 / 9"
    if (tile.poster) frame.append(element("img", { src: tile.poster, alt: "", loading: "lazy", decoding: "async" }))
    else frame.append(element("span", { className: "state", textContent: tile.state }))
    const open = element("button", { type: "button", className: "open" }, frame)
    open.setAttribute("aria-label", tile.label)
    open.onclick = (event) => {
      if (event.shiftKey) this.pickTo(tile.id)
      else if (event.ctrlKey || event.metaKey) this.pick(tile.id)
      else this.act("open", [tile.id])
    }
    const pick = element("input", { type: "checkbox", className: "pick", title: "Pick (Space; with Shift: up to here)" })
    pick.setAttribute("aria-label", `Pick: ${tile.label}`)
    pick.onclick = (event) => {
      event.stopPropagation()
      if (event.shiftKey) this.pickTo(tile.id)
      else this.pick(tile.id)
    }
    const star = element("button", { type: "button", className: "star", title: "Star (S)", textContent: tile.starred ? "★" : "☆" })
    star.setAttribute("aria-pressed", String(tile.starred))
    star.setAttribute("aria-label", "Star")
    star.onclick = () => this.act(tile.starred ? "unstar" : "star", [tile.id])
    const over = element("span", { className: "over" })
    if (tile.clip) {
      const play = element("button", { type: "button", className: "play", textContent: "▶", title: "Play here" })
      play.setAttribute("aria-label", "Play here")
      play.onclick = () => (frame.querySelector("video") ? this.still(frame) : this.play(frame, tile))
      over.append(play)
    }
    const title = element("span", { className: "model", textContent: tile.model })
    const facts = element("span", { className: "facts", textContent: tile.facts })
    const caption = element("span", { className: "caption" }, title, facts)
    const words = element("span", { className: "prompt", textContent: tile.prompt })
    const marks = element("span", { className: "marks" })
    if (tile.differs) marks.append(element("span", { className: "differs", textContent: `≠ ${tile.differs}`, title: "Delivered otherwise than asked" }))
    for (const tag of tile.tags) marks.append(element("span", { className: "tag", textContent: tag }))
    const made = element("div", { className: "tile" }, open, pick, star, over, caption, words, ...(marks.childElementCount ? [marks] : []))
    made.setAttribute("role", "listitem")
    made.dataset.id = tile.id
    made.onpointerenter = (event) => {
      if (event.pointerType !== "mouse" || !tile.clip || calm()) return
      clearTimeout(this.hover)
      this.hover = setTimeout(() => this.play(frame, tile), HOVER)
    }
    made.onpointerleave = (event) => {
      clearTimeout(this.hover)
      if (event.pointerType === "mouse") this.still(frame)
    }
    made.addEventListener("focusin", () => {
      if (this.current === tile.id) return
      this.current = tile.id
      this.mark()
    })
    return made
  }

  /** @param {HTMLElement} frame @param {Tile} tile */
  play(frame, tile) {
    if (frame.querySelector("video")) return
    const video = element("video", { src: tile.clip, poster: tile.poster, muted: true, loop: true, playsInline: true })
    frame.append(video)
    video.play().catch(() => {})
  }

  /** @param {HTMLElement} frame */
  still(frame) {
    const video = frame.querySelector("video")
    if (!video) return
    video.removeAttribute("src")
    video.load()
    video.remove()
  }

  stop() {
    clearTimeout(this.hover)
    for (const { tile } of this.tiles.values()) this.still(tile)
  }

  // --- picking ---------------------------------------------------------------------------------------------------

  /** @param {string} id */
  pick(id) {
    if (!picked.delete(id)) picked.add(id)
    this.anchor = id
    this.mark()
  }

  /** @param {string} id */
  pickTo(id) {
    const ids = [...this.tiles.keys()]
    const order = this.component.data.tiles.map((tile) => tile.id)
    const from = Math.max(0, order.indexOf(ids.includes(this.anchor) ? this.anchor : id))
    const to = order.indexOf(id)
    for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) picked.add(each)
    this.mark()
  }

  mark() {
    for (const [id, { tile }] of this.tiles) {
      const chosen = picked.has(id)
      tile.classList.toggle("picked", chosen)
      const box = /** @type {HTMLInputElement} */ (tile.querySelector(".pick"))
      box.checked = chosen
      for (const control of tile.querySelectorAll("button, input")) {
        /** @type {HTMLElement} */ (control).tabIndex = id === this.current ? 0 : -1
      }
    }
    this.drawBar()
  }

  drawBar() {
    const here = [...picked].filter((id) => this.tiles.has(id)).length
    this.bar.hidden = picked.size === 0
    const shown = `${[...picked].join()} ${here} ${this.component.data.deleted}`
    if (this.bar.dataset.shown === shown) return
    this.bar.dataset.shown = shown
    const words = `${picked.size} picked${here < picked.size ? `, ${here} of them on this page` : ""}`
    const count = element("span", { className: "count", textContent: words })
    count.setAttribute("role", "status")
    const actions = this.component.data.deleted
      ? [["restore", "Bring back"]]
      : [
          ["star", "Star"],
          ["tag", "Tag …"],
          ["collect", "Collect …"],
          ["compare", "Compare"],
          ["film", "Join …"],
          ["download", "Download …"],
          ["delete", "Delete"],
        ]
    /** @type {HTMLElement[]} */
    const buttons = actions.map(([name, title]) => {
      const button = element("button", { type: "button", textContent: title })
      button.onclick = () => this.act(name, [...picked])
      return button
    })
    if (!this.component.data.deleted) {
      const present = element("a", { textContent: "Present", target: "_blank", title: "The clips one after another, edge to edge, in a tab of its own" })
      present.href = `${this.component.data.present}?r=${[...picked].join()}`
      buttons.splice(4, 0, present)
    }
    const clear = element("button", { type: "button", textContent: "Pick none", title: "Escape" })
    clear.onclick = () => this.clear()
    this.bar.replaceChildren(count, ...buttons, clear)
  }

  clear() {
    picked.clear()
    this.mark()
    this.focus(this.current)
  }

  /** @param {string} name @param {string[]} runs */
  act(name, runs) {
    if (!runs.length) return
    this.component.setTriggerValue("act", { do: name, runs, at: Date.now() })
    if (["delete", "restore"].includes(name)) {
      for (const id of runs) picked.delete(id)
      this.mark()
    }
  }

  // --- the keyboard ----------------------------------------------------------------------------------------------

  focusedId() {
    const root = /** @type {Document | ShadowRoot} */ (this.grid.getRootNode())
    const inside = root.activeElement?.closest(".tile")
    return /** @type {HTMLElement | null} */ (inside)?.dataset.id ?? ""
  }

  /** @param {string} id */
  focus(id) {
    const tile = this.tiles.get(id)?.tile
    if (!tile) return
    this.current = id
    this.mark()
    const open = /** @type {HTMLElement} */ (tile.querySelector(".open"))
    open.focus()
    tile.scrollIntoView({ block: "nearest" })
  }

  columns() {
    const [first, ...rest] = [...this.grid.querySelectorAll(".tile")].map((tile) => /** @type {HTMLElement} */ (tile))
    if (!first) return 1
    return 1 + rest.filter((tile) => tile.offsetTop === first.offsetTop).length
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const order = this.component.data.tiles.map((tile) => tile.id)
    const at = order.indexOf(this.current)
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns(), ArrowDown: this.columns(), Home: -at, End: order.length - 1 - at }
    const chosen = picked.size ? [...picked] : [this.current]
    const { key } = event
    if (key in steps) {
      const next = order[at + steps[key]]
      if (next === undefined) return
      if (event.shiftKey) {
        if (!this.anchor) this.anchor = this.current
        this.pickTo(next)
      }
      this.focus(next)
    } else if (key === " " && /** @type {Element} */ (event.target).className === "open") {
      if (event.shiftKey) this.pickTo(this.current)
      else this.pick(this.current)
    } else if (key === "a" && (event.ctrlKey || event.metaKey)) {
      for (const id of order) picked.add(id)
      this.mark()
    } else if (key === "Escape" && picked.size) this.clear()
    else if (key.toLowerCase() === "s" && !event.ctrlKey && !event.metaKey) this.starCurrent()
    else if (key === "Delete") this.act(this.component.data.deleted ? "restore" : "delete", chosen)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  starCurrent() {
    const tile = this.component.data.tiles.find((each) => each.id === this.current)
    if (tile) this.act(tile.starred ? "unstar" : "star", [tile.id])
  }
}
