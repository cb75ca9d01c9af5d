// @ts-check
// The bar under the pictures: every control is a native one with a name, and shows the player's state.
const speeds = [0.1, 0.25, 0.5, 1, 1.5, 2]
/** @type {Record<Arrangement, string>} */
const arrangements = { grid: "Grid", wipe: "Wipe", blink: "Blink", difference: "Difference" }
/** @type {Record<Rule, string>} */
const rules = { hold: "Hold", loop: "Repeat", stretch: "Stretch" }

/**
 * @param {State} state
 * @param {Actions} act
 */
function makeControls(state, act) {
  const scrub = slider("Position", 0, 1, 0.001, act.seek)
  const passed = make("output", { className: "time" })
  const total = make("span", { className: "time" })
  const status = make("span", { className: "status", role: "status" })
  const counted = make("span", { className: "counted" })

  const play = button("Play (Space)", icon("play"), act.toggle)
  play.classList.add("play")
  const transport = make(
    "span",
    { className: "set", role: "group", "aria-label": "Transport" },
    button("Go to the start (Home)", icon("first"), () => act.seek(0)),
    button("Previous frame (Left)", icon("back"), () => act.step(-1)),
    play,
    button("Next frame (Right)", icon("next"), () => act.step(1)),
    button("Go to the end (End)", icon("last"), () => act.seek(Infinity)),
  )
  const speed = choice("Speed", speeds.map((one) => [String(one), `${one}×`]), (value) => act.speed(Number(value)))
  const loop = button("Loop (L)", icon("loop"), act.loop)
  const views = /** @type {Arrangement[]} */ (Object.keys(arrangements)).map((value) => {
    const text = arrangements[value]
    const made = button(`${text} (${keyOf[value].toUpperCase()})`, text, () => act.arrange(value))
    made.dataset.arrangement = value
    return made
  })
  const arrangement = make("span", { className: "set joined", role: "group", "aria-label": "Arrangement" }, ...views)
  const first = choice("First clip", [], (id) => act.pair(0, id))
  const second = choice("Second clip", [], (id) => act.pair(1, id))
  const pair = make("span", { className: "set" }, first, second)
  const period = slider("Blink period", 0.2, 2, 0.1, act.period)
  const automatic = make("input", { type: "checkbox", "aria-label": "Blink automatically" })
  automatic.onchange = () => act.automatic(automatic.checked)
  const swap = button("Show the other clip (K)", "Swap", act.swap)
  const blink = labelled("Every", period, make("label", {}, automatic, " automatic"), swap)
  const gain = slider("Difference gain", 1, 16, 0.5, act.gain)
  const difference = labelled("Gain", gain)
  const heard = choice("Sound from", [], act.heard)
  const unequal = choice("Shorter clips", Object.entries(rules), (value) => act.unequal(/** @type {Rule} */ (value)))
  const names = button("Names (N)", "Names", act.names)
  const offset = make("input", { type: "number", step: 0.001, min: -60, max: 60 })
  offset.onchange = () => Number.isFinite(offset.valueAsNumber) && act.offset(offset.valueAsNumber)
  const offsetOf = make("span", { className: "word" })
  const earlier = button("Shift one frame earlier ([)", "−1 f", () => act.nudge(-1))
  const later = button("Shift one frame later (])", "+1 f", () => act.nudge(1))
  const offsets = make("span", { className: "set" }, offsetOf, earlier, offset, later)
  const region = button("Reset zoom (Z)", "", act.wholePicture)
  const full = button("Full screen (F)", icon("full"), act.full)
  const help = button("Keyboard shortcuts (?)", "?", act.help)

  const sound = labelled("Sound", heard)
  const durations = labelled("Shorter clips", unequal)
  const line = make("div", { className: "line" }, passed, scrub, counted, total)
  const tail = make("span", { className: "set tail" }, status, region, full, help)
  const minimal = [transport, speed, arrangement, blink, difference, tail]
  const all = [transport, speed, loop, arrangement, names, pair, blink, difference, sound, durations, offsets, tail]
  const row = make("div", { className: "row" }, ...(state.mode === "vote" ? minimal : all))
  const element = make("div", { className: "bar" }, line, row)
  let waiting = 0

  /**
   * @param {HTMLButtonElement} made
   * @param {boolean} on
   */
  function press(made, on) {
    made.setAttribute("aria-pressed", String(on))
  }

  function draw() {
    const { view, clock } = state
    const clips = clock.entries.map((entry) => entry.clip)
    const options = clips.map((clip) => [clip.id, state.namesShown() && clip.name ? `${clip.letter} ${clip.name}` : clip.letter])
    const [one, other] = state.pair()
    const stacked = state.arrangement() !== "grid"
    scrub.max = String(clock.plan.total)
    total.textContent = clockText(clock.plan.total)
    speed.value = String(view.speed)
    press(loop, view.loop)
    press(names, view.names)
    views.forEach((made) => press(made, made.dataset.arrangement === state.arrangement()))
    views.forEach((made) => (made.disabled = clips.length < 2 && made.dataset.arrangement !== "grid"))
    fill(first, options)
    fill(second, options)
    if (one && other) [first.value, second.value] = [one.clip.id, other.clip.id]
    pair.hidden = !stacked || clips.length < 3
    blink.hidden = state.arrangement() !== "blink"
    difference.hidden = state.arrangement() !== "difference"
    period.value = String(state.period)
    automatic.checked = state.automatic
    gain.value = String(state.gain)
    fill(heard, [["", "Off"], ...options.filter((_, index) => clips[index].sound)])
    heard.value = view.heard
    sound.hidden = !clips.some((clip) => clip.sound)
    unequal.value = view.unequal
    durations.hidden = clips.length < 2
    const selected = state.chosen()
    if (selected) {
      const { letter } = selected.clip
      offsetOf.textContent = `Offset ${letter}`
      offset.setAttribute("aria-label", `Offset of clip ${letter} in seconds`)
      offset.value = selected.track.offset.toFixed(3)
    }
    region.hidden = state.region.scale === 1
    region.textContent = `${state.region.scale.toFixed(1)}×`
    drawState()
    drawMoment()
  }

  function drawState() {
    const { clock } = state
    const label = clock.playing ? "Pause (Space)" : "Play (Space)"
    if (play.title !== label) {
      play.title = label
      play.setAttribute("aria-label", label)
      play.replaceChildren(icon(clock.playing ? "pause" : "play"))
    }
    // Only a noticeable wait is worth a word.
    if (clock.settling) waiting ||= setTimeout(() => (status.textContent = "Waiting for clips"), 600)
    else {
      clearTimeout(waiting)
      waiting = 0
      status.textContent = ""
    }
  }

  function drawMoment() {
    const moment = state.clock.now()
    if (Math.abs(Number(scrub.value) - moment) > 0.0005) scrub.value = String(moment)
    const text = clockText(moment)
    if (passed.textContent === text) return
    passed.textContent = text
    scrub.setAttribute("aria-valuetext", `${text} of ${total.textContent}`)
    scrub.style.setProperty("--played", `${(100 * moment) / state.clock.plan.total}%`)
    const selected = state.chosen()
    if (!selected) return
    const { local } = placeAt(state.clock.plan, selected.track, moment)
    counted.textContent = `${selected.clip.letter} frame ${frameAt(selected.track, local) + 1}`
  }

  return { element, draw, drawState, drawMoment }
}
