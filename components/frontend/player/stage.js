// @ts-check
// The pictures: one cell per clip, side by side or two on top of each other, and the region of them that is visible.
// Cells are placed by style and never moved in the document: a video that is taken out and put back would stop.
const captionHeight = 22

/**
 * @param {Clip} clip
 * @returns {Entry}
 */
function makeCell(clip) {
  const video = make("video", { preload: clip.poster ? "none" : "metadata", playsInline: true, muted: true })
  if (clip.poster) video.poster = clip.poster
  video.disablePictureInPicture = true
  const message = make("p", { className: "message", hidden: true })
  message.textContent = "This clip cannot be played here."
  const picture = make("div", { className: "picture" }, video, message)
  const caption = make("div", { className: "caption" })
  const cell = make("div", { className: "cell" }, caption, picture)
  cell.dataset.clip = clip.id
  const [track] = makePlan([clip], "hold").tracks
  return { clip, track, video, picture, caption, message, cell, failed: false, shown: true, ...newTiming() }
}

/**
 * Width by height: as the page says, else as the file does.
 * @param {Pick<Entry, "clip" | "video">} entry
 */
function ratioOf({ clip, video }) {
  if (clip.width > 0 && clip.height > 0) return clip.width / clip.height
  return video.videoWidth > 0 ? video.videoWidth / video.videoHeight : 16 / 9
}

/**
 * @param {State} state
 * @param {Actions} act
 */
function makeStage(state, act) {
  const handle = make("div", { className: "handle", tabIndex: 0, role: "slider", "aria-label": "Wipe position" })
  handle.setAttribute("aria-valuemin", "0")
  handle.setAttribute("aria-valuemax", "100")
  const above = make("div", { className: "above" })
  const pictures = make("div", { className: "pictures" })
  const element = make("div", { className: "stage", tabIndex: 0, role: "group", "aria-label": "Clips" }, pictures, above, handle)
  let stacked = /** @type {Box | null} */ (null) // where the pair is, if two clips are on top of each other

  /** @param {Entry} entry */
  function nameOf(entry) {
    return state.namesShown() && entry.clip.name ? `${entry.clip.letter} ${entry.clip.name}` : entry.clip.letter
  }

  /** @param {Entry} entry */
  function caption(entry) {
    const { clip, track } = entry
    /** @type {HTMLElement[]} */
    const parts = [make("b", { textContent: clip.letter })]
    if (state.namesShown() && clip.name) parts.push(make("span", { className: "name", textContent: clip.name, title: clip.name }))
    if (state.view.heard === clip.id) {
      parts.push(make("span", { className: "mark", title: "Sound on", role: "img", "aria-label": "sound on" }, icon("heard")))
    }
    const tags = durationTags(track, state.clock.plan)
    if (track.offset) tags.push(`${track.offset > 0 ? "+" : "−"}${Math.abs(track.offset).toFixed(3)} s`)
    if (state.namesShown() && clip.note) tags.push(clip.note)
    if (tags.length) parts.push(make("span", { className: "tag", textContent: tags.join(" · "), title: tags.join(" · ") }))
    entry.caption.replaceChildren(...parts)
    entry.cell.classList.toggle("selected", state.mode === "full" && state.clock.entries.length > 1 && state.chosen() === entry)
    entry.message.hidden = !entry.failed
    entry.video.setAttribute("aria-label", `Clip ${nameOf(entry)}`)
  }

  /** @param {Entry[]} pair */
  function pairCaption(pair) {
    const [first, second] = pair.map((entry) => make("span", { className: "name", textContent: nameOf(entry) }))
    const arrangement = state.arrangement()
    if (arrangement === "blink") [first, second][state.blinkSide].classList.add("now")
    const between = {
      grid: "",
      wipe: "",
      blink: `showing ${pair[state.blinkSide]?.clip.letter}`,
      difference: "difference",
    }[arrangement]
    above.replaceChildren(first, make("span", { className: "tag", textContent: between }), second)
  }

  /**
   * @param {Entry} entry
   * @param {Box} box
   */
  function place(entry, { left, top, width, height }) {
    entry.cell.style.transform = `translate(${left}px, ${top}px)`
    entry.cell.style.width = `${width}px`
    entry.picture.style.height = `${height}px`
  }

  function draw() {
    const arrangement = state.arrangement()
    const entries = state.clock.entries
    const pair = arrangement === "grid" ? null : state.pair()
    const shown = pair ?? entries
    const present = state.mode === "present"
    element.dataset.arrangement = arrangement
    entries.forEach((entry) => {
      entry.shown = shown.includes(entry)
      entry.cell.classList.toggle("away", !entry.shown)
      entry.cell.classList.toggle("over", entry === pair?.[1])
      caption(entry)
    })
    const width = element.clientWidth
    const room = present ? (element.parentElement?.clientHeight ?? 0) : state.room()
    const head = present ? 0 : captionHeight
    if (pair) {
      const size = fit(ratioOf(pair[0]), width, room - head)
      const box = { left: (width - size.width) / 2, top: present ? (room - size.height) / 2 : head, ...size }
      stacked = box
      pair.forEach((entry) => place(entry, box))
      pairCaption(pair)
      element.style.height = present ? "100%" : `${size.height + head}px`
    } else {
      stacked = null
      const grid = gridOf(entries.map(ratioOf), width, room, present ? 2 : 8, head)
      const down = present ? Math.max(0, (room - grid.height) / 2) : 0
      entries.forEach((entry, index) => place(entry, { ...grid.places[index], top: grid.places[index].top + down }))
      element.style.height = present ? "100%" : `${grid.height}px`
    }
    drawWipe()
    drawBlink()
    drawDifference()
    drawRegion()
  }

  function drawWipe() {
    const box = state.arrangement() === "wipe" ? stacked : null
    handle.hidden = !box
    state.clock.entries.forEach((entry) => {
      const over = box && entry === state.pair()[1]
      entry.picture.style.clipPath = over ? `inset(0 0 0 ${state.wipe * 100}%)` : ""
    })
    if (!box) return
    const percent = Math.round(state.wipe * 100)
    handle.style.transform = `translate(${box.left + box.width * state.wipe}px, ${box.top}px)`
    handle.style.height = `${box.height}px`
    handle.setAttribute("aria-valuenow", String(percent))
    handle.setAttribute("aria-valuetext", `${percent} % of the first clip`)
  }

  function drawBlink() {
    const blinking = state.arrangement() === "blink"
    state.clock.entries.forEach((entry) => {
      entry.picture.style.opacity = blinking && entry === state.pair()[1 - state.blinkSide] ? "0" : ""
    })
    if (blinking) pairCaption(state.pair())
  }

  function drawDifference() {
    element.style.setProperty("--gain", String(state.arrangement() === "difference" ? state.gain : 1))
  }

  function drawRegion() {
    const { scale, x, y } = clampRegion(state.region)
    const moved = scale > 1 ? `translate(${(0.5 - x * scale) * 100}%, ${(0.5 - y * scale) * 100}%) scale(${scale})` : ""
    state.clock.entries.forEach(({ video }) => (video.style.transform = moved))
    element.classList.toggle("near", scale > 1)
  }

  /** @param {number} clientX */
  function wipeAt(clientX) {
    if (!stacked) return
    const left = element.getBoundingClientRect().left + stacked.left
    act.wipe((clientX - left) / stacked.width)
  }

  /** @type {Record<string, number>} */
  const wipes = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, Home: -1, End: 1 }
  handle.onkeydown = (event) => {
    if (!(event.key in wipes) || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    act.wipe(state.wipe + wipes[event.key] * (event.shiftKey ? 5 : 1))
  }
  return { element, handle, pictures, draw, drawWipe, drawBlink, drawDifference, drawRegion, wipeAt }
}

/**
 * What a caption says about a clip whose duration differs from the others.
 * @param {Track} track
 * @param {Plan} plan
 */
function durationTags(track, plan) {
  const tags = Math.abs(track.rate - 1) > 0.001 ? [`stretched ×${track.rate.toFixed(2)}`] : []
  if (!plan.unequal) return tags
  const end = `${Math.round((track.offset + track.seconds / track.rate) * 100) / 100} s`
  if (track.repeats) tags.push(`repeats after ${end}`)
  else if (track.last) tags.push("ends last")
  else tags.push(`holds from ${end}`)
  return tags
}
