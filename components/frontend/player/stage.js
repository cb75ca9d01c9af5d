// The pictures: one cell per clip, beside each other or two over each other, and the region of them that is seen.
// Cells are placed, never moved in the tree: a film that is taken out and put back would stop.
const captionHeight = 22

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
  return { clip, track: null, video, picture, caption, message, cell, failed: false, shown: true }
}

function shapeOf({ clip, video }) {
  if (clip.width > 0 && clip.height > 0) return clip.width / clip.height
  return video.videoWidth > 0 ? video.videoWidth / video.videoHeight : 16 / 9
}

// `state` is the player's; `act` holds what the person can do here: select, wipe, region.
function makeStage(state, act) {
  const handle = make("div", { className: "handle", tabIndex: 0, role: "slider", "aria-label": "Wipe position" })
  handle.setAttribute("aria-valuemin", "0")
  handle.setAttribute("aria-valuemax", "100")
  const above = make("div", { className: "above" })
  const pictures = make("div", { className: "pictures" })
  const element = make("div", { className: "stage", tabIndex: 0, role: "group", "aria-label": "Pictures" }, pictures, above, handle)
  const stage = { element, handle, pictures }
  let stacked = null // where the pair stands

  function nameOf(entry) {
    return state.namesShown() && entry.clip.name ? `${entry.clip.letter} ${entry.clip.name}` : entry.clip.letter
  }

  function caption(entry) {
    const { clip, track } = entry
    const parts = [make("b", { textContent: clip.letter })]
    if (state.namesShown() && clip.name) parts.push(make("span", { className: "name", textContent: clip.name, title: clip.name }))
    if (state.view.heard === clip.id) parts.push(make("span", { className: "mark", title: "Heard", role: "img", "aria-label": "heard" }, sign("heard")))
    const tags = lengthTags(track, state.clock.plan)
    if (track.offset) tags.push(`${track.offset > 0 ? "+" : "−"}${Math.abs(track.offset).toFixed(3)} s`)
    if (state.namesShown() && clip.note) tags.push(clip.note)
    if (tags.length) parts.push(make("span", { className: "tag", textContent: tags.join(" · "), title: tags.join(" · ") }))
    entry.caption.replaceChildren(...parts)
    entry.cell.classList.toggle("selected", state.mode === "full" && state.clock.entries.length > 1 && state.chosen() === entry)
    entry.message.hidden = !entry.failed
    entry.video.setAttribute("aria-label", `Clip ${nameOf(entry)}`)
  }

  function pairCaption(pair) {
    const [first, second] = pair.map((entry) => make("span", { className: "name", textContent: nameOf(entry) }))
    const arrangement = state.arrangement()
    const blink = arrangement === "blink"
    if (blink) [first, second][state.blinkSide].classList.add("now")
    const between = { wipe: "", blink: `showing ${pair[state.blinkSide]?.clip.letter}`, difference: "difference" }[arrangement]
    above.replaceChildren(first, make("span", { className: "tag", textContent: between }), second)
  }

  function place(entry, { left, top, width, height }) {
    entry.cell.style.transform = `translate(${left}px, ${top}px)`
    entry.cell.style.width = `${width}px`
    entry.picture.style.height = `${height}px`
  }

  stage.draw = () => {
    const arrangement = state.arrangement()
    const entries = state.clock.entries
    const pair = arrangement === "grid" ? null : state.pair()
    const shown = pair ?? entries
    const present = state.mode === "present"
    element.dataset.arrangement = arrangement
    entries.forEach((entry) => {
      entry.shown = shown.includes(entry)
      entry.cell.classList.toggle("away", !entry.shown)
      entry.cell.classList.toggle("over", Boolean(pair) && entry === pair[1])
      caption(entry)
    })
    const width = element.clientWidth
    const room = present ? element.parentElement.clientHeight : state.room()
    const head = present ? 0 : captionHeight
    if (pair) {
      const size = fitted(shapeOf(pair[0]), width, room - head)
      stacked = { left: (width - size.width) / 2, top: present ? (room - size.height) / 2 : head, ...size }
      pair.forEach((entry) => place(entry, stacked))
      pairCaption(pair)
      element.style.height = present ? "100%" : `${size.height + head}px`
    } else {
      stacked = null
      const grid = gridOf(entries.map(shapeOf), width, room, present ? 2 : 8, head)
      const down = present ? Math.max(0, (room - grid.height) / 2) : 0
      entries.forEach((entry, index) => place(entry, { ...grid.places[index], top: grid.places[index].top + down }))
      element.style.height = present ? "100%" : `${grid.height}px`
    }
    stage.drawWipe()
    stage.drawBlink()
    stage.drawDifference()
    stage.drawRegion()
  }

  stage.drawWipe = () => {
    const wiping = state.arrangement() === "wipe" && stacked
    handle.hidden = !wiping
    state.clock.entries.forEach((entry) => {
      const over = wiping && entry === state.pair()[1]
      entry.picture.style.clipPath = over ? `inset(0 0 0 ${state.wipe * 100}%)` : ""
    })
    if (!wiping) return
    const percent = Math.round(state.wipe * 100)
    handle.style.transform = `translate(${stacked.left + stacked.width * state.wipe}px, ${stacked.top}px)`
    handle.style.height = `${stacked.height}px`
    handle.setAttribute("aria-valuenow", String(percent))
    handle.setAttribute("aria-valuetext", `${percent} % of the first clip`)
  }

  stage.drawBlink = () => {
    const blinking = state.arrangement() === "blink"
    state.clock.entries.forEach((entry) => {
      entry.picture.style.opacity = blinking && entry === state.pair()[1 - state.blinkSide] ? "0" : ""
    })
    if (blinking) pairCaption(state.pair())
  }

  stage.drawDifference = () => {
    const differing = state.arrangement() === "difference"
    element.style.setProperty("--gain", differing ? state.gain : 1)
  }

  stage.drawRegion = () => {
    const { scale, x, y } = regionWithin(state.region)
    const moved = scale > 1 ? `translate(${(0.5 - x * scale) * 100}%, ${(0.5 - y * scale) * 100}%) scale(${scale})` : ""
    state.clock.entries.forEach(({ video }) => (video.style.transform = moved))
    element.classList.toggle("near", scale > 1)
  }

  stage.wipeAt = (clientX) => {
    if (!stacked) return
    const left = element.getBoundingClientRect().left + stacked.left
    act.wipe((clientX - left) / stacked.width)
  }

  handle.onkeydown = (event) => {
    const moves = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, Home: -1, End: 1 }
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    act.wipe(state.wipe + moves[event.key] * (event.shiftKey ? 5 : 1))
  }
  return stage
}

function lengthTags(track, plan) {
  const tags = Math.abs(track.rate - 1) > 0.001 ? [`stretched ×${track.rate.toFixed(2)}`] : []
  if (!plan.unequal) return tags
  const end = `${Math.round((track.offset + track.seconds / track.rate) * 100) / 100} s`
  if (track.repeats) tags.push(`repeats after ${end}`)
  else if (track.last) tags.push("ends last")
  else tags.push(`holds from ${end}`)
  return tags
}
