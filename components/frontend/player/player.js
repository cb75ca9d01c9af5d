// @ts-check
// The synchronised player: builds itself from a spec, keeps the state, and reports what a person changed.

/** @typedef {ReturnType<typeof dailiesPlayer>} Player */

/** @type {View} */
const standardView = { arrangement: "grid", pair: [], heard: "", unequal: "hold", speed: 1, loop: true, names: true }
/** @type {Region} */
const wholePicture = { scale: 1, x: 0.5, y: 0.5 }

/**
 * Put a player into `root`. `tell` is called with "view" and the view soon after every change.
 * @param {HTMLElement} root
 * @param {Spec} spec
 * @param {(name: "view", value: ReportedView) => void} [tell]
 */
function dailiesPlayer(root, spec, tell = () => {}) {
  // The moment is drawn some fifteen times a second: drawing it with every frame would slow the clips down.
  let drawn = 0
  const clock = makeClock((what) => {
    if (what === "state") controls.drawState()
    if (what === "moment" && performance.now() - drawn < 66) return
    drawn = performance.now()
    controls.drawMoment()
  })
  const entryOf = (/** @type {string} */ id) => clock.entries.find((entry) => entry.clip.id === id)
  /** @type {State} */
  const state = {
    mode: spec.mode ?? "full",
    view: standardView,
    clock,
    selected: "",
    region: wholePicture,
    wipe: 0.5,
    gain: 4,
    period: 0.6,
    automatic: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    blinkSide: 0,
    unveiled: false, // on the Present page, showing the names is not kept
    namesShown: () => (state.mode === "present" ? state.unveiled : state.mode !== "vote" && state.view.names),
    chosen: () => entryOf(state.selected) ?? clock.entries[0],
    pair: () => {
      const [one = clock.entries[0], other] = state.view.pair.map(entryOf)
      const second = other && other !== one ? other : clock.entries.find((entry) => entry !== one)
      return [one, second].filter((entry) => entry !== undefined)
    },
    // One clip alone has no other to be compared with.
    arrangement: () => (clock.entries.length > 1 ? state.view.arrangement : "grid"),
    full: () => {
      const page = root.getRootNode()
      return (page instanceof Document || page instanceof ShadowRoot) && page.fullscreenElement === root
    },
    room: () => {
      if (state.full()) return root.clientHeight - controls.element.offsetHeight - 16
      return Math.max(260, window.innerHeight * (state.mode === "vote" ? 0.62 : 0.72))
    },
  }
  let given = ""
  /** Views that were reported and have not come back yet: an old echo must not undo a newer choice. @type {string[]} */
  let told = []
  let telling = 0
  let blinking = 0

  /** @returns {ReportedView} */
  const reported = () => {
    const offsets = Object.fromEntries(clock.entries.map(({ track }) => [track.id, track.offset]))
    return { ...state.view, offsets }
  }
  const plan = () => {
    clock.plan = makePlan(clock.entries.map(({ clip }) => clip), state.view.unequal)
    clock.entries.forEach((entry, index) => (entry.track = clock.plan.tracks[index]))
  }
  const changed = () => {
    clearTimeout(telling)
    telling = setTimeout(() => {
      const value = reported()
      told.push(JSON.stringify(value))
      tell("view", value)
    }, 300)
  }
  const draw = () => {
    stage.draw()
    controls.draw()
  }
  const view = (/** @type {Partial<View>} */ change) => {
    state.view = { ...state.view, ...change }
    changed()
    draw()
  }
  const rearrange = (/** @type {Partial<View>} */ change) => {
    const before = clock.entries.filter((entry) => entry.shown)
    view(change)
    blink()
    clock.rearrange(clock.entries.some((entry) => entry.shown && !before.includes(entry)))
  }
  const blink = () => {
    clearInterval(blinking)
    if (state.arrangement() === "blink" && state.automatic) blinking = setInterval(flip, state.period * 1000)
  }
  const flip = () => {
    state.blinkSide = 1 - state.blinkSide
    stage.drawBlink()
  }
  const shift = (/** @type {number} */ offset) => {
    const entry = state.chosen()
    if (!entry) return
    entry.clip = { ...entry.clip, offset: Math.round(Math.max(-60, Math.min(60, offset)) * 1e4) / 1e4 }
    plan()
    view({})
    clock.placeAgain()
  }

  /** @type {Actions} */
  const act = {
    toggle: () => (clock.playing ? clock.pause() : clock.play()),
    seek: (moment) => clock.seek(Math.min(moment, clock.plan.total)),
    skip: (seconds) => clock.seek(clock.now() + seconds),
    step: (direction) => clock.step(direction),
    speed: (speed) => {
      clock.setSpeed(speed)
      view({ speed })
    },
    faster: (direction) => {
      const at = speeds.findIndex((speed) => speed >= state.view.speed - 1e-6)
      const next = speeds[Math.max(0, Math.min(speeds.length - 1, (at < 0 ? speeds.length - 1 : at) + direction))]
      act.speed(next)
    },
    loop: () => {
      clock.loop = !state.view.loop
      view({ loop: clock.loop })
    },
    arrange: (arrangement) => {
      if (arrangement === "grid" || clock.entries.length > 1) rearrange({ arrangement })
    },
    pair: (side, id) => {
      const ids = state.pair().map((entry) => entry.clip.id)
      // Choosing the clip of the other side swaps the two.
      rearrange({ pair: ids[1 - side] === id ? [ids[1], ids[0]] : side ? [ids[0], id] : [id, ids[1]] })
    },
    heard: (heard) => {
      const other = clock.setHeard(heard)
      view({ heard })
      if (other) clock.placeAgain()
    },
    hearNumber: (index) => {
      const entry = clock.entries[index]
      if (entry?.clip.sound) act.heard(state.view.heard === entry.clip.id ? "" : entry.clip.id)
    },
    unequal: (unequal) => {
      state.view = { ...state.view, unequal }
      plan()
      view({})
      clock.placeAgain()
    },
    nextRule: () => {
      const all = /** @type {Rule[]} */ (Object.keys(rules))
      act.unequal(all[(all.indexOf(state.view.unequal) + 1) % all.length])
    },
    names: () => {
      if (state.mode === "full") view({ names: !state.view.names })
      else if (state.mode === "present") {
        state.unveiled = !state.unveiled
        root.classList.toggle("unveiled", state.unveiled)
        draw()
      }
    },
    select: (id) => {
      state.selected = id
      draw()
    },
    offset: shift,
    nudge: (frames) => {
      const entry = state.chosen()
      if (entry) shift(entry.track.offset + (frames * entry.track.step) / entry.track.rate)
    },
    region: (region) => {
      state.region = clampRegion(region)
      stage.drawRegion()
      controls.draw()
    },
    wholePicture: () => act.region(wholePicture),
    pan: (key) => {
      const { scale, x, y } = state.region
      const across = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0
      const down = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0
      if (scale > 1) act.region({ scale, x: x + (across * 0.1) / scale, y: y + (down * 0.1) / scale })
      return scale > 1
    },
    wipe: (place) => {
      state.wipe = Math.max(0, Math.min(1, place))
      stage.drawWipe()
    },
    swap: () => {
      if (state.automatic) act.automatic(false)
      flip()
    },
    automatic: (automatic) => {
      state.automatic = automatic
      blink()
      controls.draw()
    },
    period: (period) => {
      state.period = period
      blink()
    },
    gain: (gain) => {
      state.gain = gain
      stage.drawDifference()
    },
    full: () => (state.full() ? document.exitFullscreen() : root.requestFullscreen().catch(() => {})),
    help: () => (help.open ? help.close() : help.showModal()),
  }

  const stage = makeStage(state, act)
  const controls = makeControls(state, act)
  const help = makeHelp(state.mode)
  root.classList.add("dailies-player", state.mode)
  root.tabIndex = -1
  root.replaceChildren(stage.element, ...(state.mode === "present" ? [] : [controls.element]), help)
  addGestures(stage, state, act)
  const endKeys = addKeys(root, state, act)
  // A clicked button would keep Space for itself: after a click the keys belong to the player again.
  const release = (/** @type {MouseEvent} */ event) => {
    const ours = event.target instanceof Element && event.target.closest("button, .stage")
    if (event.detail > 0 && ours && !help.open) root.focus({ preventScroll: true })
  }
  root.addEventListener("click", release)
  const sized = new ResizeObserver(() => stage.draw())
  sized.observe(root)
  const resized = () => stage.draw()
  window.addEventListener("resize", resized)

  /**
   * Take over these clips, keeping the videos that are already there; false if any came, went or changed places.
   * @param {Clip[]} clips
   */
  function adopt(clips) {
    const kept = new Map(clock.entries.map((entry) => [entry.clip.id, entry]))
    const entries = clips.map((clip) => {
      const old = kept.get(clip.id)
      if (old?.clip.src === clip.src) {
        kept.delete(clip.id)
        return Object.assign(old, { clip })
      }
      return enter(makeCell(clip))
    })
    kept.forEach(leave)
    const same = entries.length === clock.entries.length && entries.every((entry, index) => entry === clock.entries[index])
    clock.entries = entries
    return same
  }

  /** @param {Entry} entry */
  function enter(entry) {
    const { video, cell, clip } = entry
    video.onerror = () => {
      entry.failed = true
      stage.draw()
    }
    video.onloadedmetadata = () => {
      if (!(clip.width > 0)) stage.draw()
    }
    video.src = clip.src
    stage.pictures.append(cell)
    return entry
  }

  /**
   * Free what a clip holds at once, not when the browser finds the time.
   * @param {Entry} entry
   */
  function leave({ cell, video, silent }) {
    cell.remove()
    video.onerror = null
    video.removeAttribute("src")
    video.load()
    silent?.then((address) => address && URL.revokeObjectURL(address))
  }

  /**
   * Take over a spec. What the person chose last stays, until another person changes the comparison.
   * @param {Spec} next
   */
  function update(next) {
    const { offsets: _, ...wanted } = next.view ?? {}
    const fresh = { ...standardView, ...wanted }
    const offsets = Object.fromEntries(next.clips.map((clip) => [clip.id, clip.offset || 0]))
    const coming = JSON.stringify({ ...fresh, offsets })
    const echo = told.indexOf(coming)
    const stale = coming === given || echo >= 0
    if (echo >= 0) told = told.slice(echo + 1)
    given = coming
    const mine = new Map(clock.entries.map(({ clip }) => [clip.id, clip.offset || 0]))
    const clips = next.clips.map((clip) => (stale ? { ...clip, offset: mine.get(clip.id) ?? clip.offset } : clip))
    const before = JSON.stringify(clock.plan)
    const same = adopt(clips)
    if (!stale) state.view = fresh
    plan()
    if (!stale) {
      clock.loop = fresh.loop
      clock.setSpeed(fresh.speed)
    }
    const other = clock.setHeard(state.view.heard)
    draw()
    blink()
    if (!same || other || JSON.stringify(clock.plan) !== before) clock.placeAgain()
    else clock.rearrange(false)
  }

  update(spec)
  return {
    update,
    probe: clock.probe,
    now: clock.now,
    settled: clock.settled,
    play: clock.play,
    pause: clock.pause,
    seek: act.seek,
    view: reported,
    destroy() {
      clock.stop()
      clearInterval(blinking)
      clearTimeout(telling)
      endKeys()
      sized.disconnect()
      window.removeEventListener("resize", resized)
      root.removeEventListener("click", release)
      clock.entries.forEach(leave)
      root.replaceChildren()
    },
  }
}
