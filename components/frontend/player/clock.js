// @ts-check
// One clock for all clips. The audible clip leads it and is never corrected; without one it is the browser's own clock.
// The other clips follow as `drift.js` decides. A start, a seek or a loop waits until all clips are ready. How late a
// clip starts is learnt, so that it is sent off earlier the next time.

/**
 * Wait for the first of these events, at most `limit` milliseconds.
 * @param {EventTarget} target
 * @param {string[]} names
 * @param {number} limit
 * @returns {Promise<void>}
 */
function eventOf(target, names, limit) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      names.forEach((name) => target.removeEventListener(name, end))
      resolve()
    }
    const timer = setTimeout(end, limit)
    names.forEach((name) => target.addEventListener(name, end))
  })
}

/**
 * What the clock knows about a clip that it has never moved.
 * @returns {Timing}
 */
function newTiming() {
  return {
    silent: undefined,
    manner: silent,
    lag: 0,
    lead: 0.04,
    seen: [],
    pushed: 0,
    quiet: 0,
    started: false,
    jumped: false,
    sought: false,
    hungry: 0,
    absent: false,
  }
}

/**
 * Where a clip stands, counted from its first frame.
 * @param {Pick<Entry, "video" | "track">} entry
 */
function positionOf({ video, track }) {
  return video.currentTime - track.first
}

/**
 * Where a clip must stand in its file to show this position. At its very end it shows its last frame, and cannot play on.
 * @param {Pick<Entry, "video" | "track">} entry
 * @param {number} position
 * @param {boolean} toPlay
 */
function inFile({ video, track }, position, toPlay) {
  return Math.min(position + track.first, Math.max(0, video.duration - (toPlay ? 0.001 : 0)))
}

/**
 * The clock of a player. `notify` is called when the state changes and whenever the moment does.
 * @param {(what: "state" | "moment") => void} notify
 */
function makeClock(notify) {
  const clock = {
    entries: /** @type {Entry[]} */ ([]),
    plan: makePlan([], "hold"),
    playing: false,
    settling: false,
    speed: 1,
    loop: true,
    heard: "",
  }
  let anchor = { moment: 0, at: 0 } // the common clock showed `moment` at this `performance.now()`
  let turn = 0 // a newer seek or start makes an older one void
  let frame = 0
  let touched = false // until a person asks for a moment, only posters are shown and nothing is loaded

  const leads = (/** @type {Entry} */ entry) => entry.track.id === clock.heard
  const leaderOf = (/** @type {Entry[]} */ entries) => entries.find((entry) => leads(entry) && !entry.absent)
  const active = () => clock.entries.filter((entry) => !entry.failed && (entry.shown || leads(entry)))
  const running = () => clock.playing && !clock.settling
  const now = () => {
    const passed = running() ? ((performance.now() - anchor.at) / 1000) * clock.speed : 0
    return Math.min(clock.plan.total, anchor.moment + passed)
  }
  const usualRate = (/** @type {Entry} */ entry) => entry.track.rate * clock.speed
  const plays = (/** @type {Entry} */ entry, /** @type {Place} */ place) =>
    place.stage === "running" && usualRate(entry) >= slowestRate
  const ahead = (/** @type {Entry} */ entry, /** @type {number} */ moment) =>
    aheadBy(clock.plan, entry.track, positionOf(entry), moment)

  /**
   * Give the audible clip its file, and the others a copy without sound where there is one.
   * @param {Entry} entry
   */
  async function source(entry) {
    const { clip, video } = entry
    if (clip.sound) entry.silent ??= silentCopy(clip.src)
    const copy = await entry.silent
    const wanted = clip.id === clock.heard ? clip.src : (copy ?? clip.src)
    entry.manner = clip.sound && wanted === clip.src ? sounding : silent
    if (video.getAttribute("src") === wanted) return
    video.src = wanted
    entry.lag = entry.lead = 0
  }

  /**
   * Load a clip until its `readyState` is at least `enough`; give up after 8 seconds, and the next times at once.
   * @param {Entry} entry
   * @param {number} enough
   */
  async function load(entry, enough) {
    const { video } = entry
    await source(entry)
    const ready = () => entry.failed || video.readyState >= enough
    if (ready()) {
      entry.absent = false
      return
    }
    if (video.preload !== "auto") {
      video.preload = "auto"
      video.load()
    }
    const deadline = performance.now() + (entry.absent ? 0 : 8000)
    while (!ready() && performance.now() < deadline) {
      await eventOf(video, ["loadeddata", "canplay", "canplaythrough", "error"], deadline - performance.now())
    }
    entry.absent = !ready()
  }

  /**
   * Move a clip to its place at a moment: to the middle of its frame, or exactly, ahead by its lag, if it is to play.
   * @param {Entry} entry
   * @param {number} moment
   * @param {boolean} toPlay
   */
  async function place(entry, moment, toPlay) {
    const { video, track } = entry
    await load(entry, 2)
    if (entry.failed || video.readyState < 1) return
    const at = placeAt(clock.plan, track, moment)
    const exact = toPlay && plays(entry, at)
    const wanted = exact ? at.local + entry.lag * usualRate(entry) : middleOfFrame(track, frameAt(track, at.local))
    let target = inFile(entry, wanted, exact)
    for (let tries = 0; tries < 2 && (video.seeking || Math.abs(video.currentTime - target) > 0.001); tries += 1) {
      video.currentTime = target
      await eventOf(video, ["seeked", "error"], 4000)
      target = inFile(entry, wanted, exact)
    }
    if (exact && target < video.duration - 0.3) await load(entry, 3)
  }

  /**
   * Bring all clips to a moment, wait for all of them, and let them play from there if they are to.
   * @param {number} moment
   * @param {boolean} toPlay
   */
  async function settle(moment, toPlay) {
    const mine = ++turn
    touched = true
    anchor = { moment: Math.max(0, Math.min(moment, clock.plan.total)), at: 0 }
    clock.playing = toPlay
    clock.settling = true
    clock.entries.forEach(({ video }) => video.pause())
    notify("state")
    const entries = active()
    await Promise.all(entries.map((entry) => place(entry, anchor.moment, toPlay)))
    if (mine !== turn) return
    if (toPlay) {
      const moving = entries.filter((entry) => !entry.failed && plays(entry, placeAt(clock.plan, entry.track, anchor.moment)))
      moving.forEach((entry) => (entry.started = !leads(entry)))
      await startLeader(moving)
      if (mine !== turn) return
      await Promise.race([Promise.all(moving.map(start)), new Promise((resolve) => setTimeout(resolve, 500))])
      if (mine !== turn) return
      anchor = { moment: startMoment(moving), at: performance.now() }
    }
    clock.settling = false
    notify("state")
    cancelAnimationFrame(frame)
    if (toPlay) frame = requestAnimationFrame(tick)
  }

  /**
   * Opening the sound takes time: the other clips start only when the audible one really moves.
   * @param {Entry[]} moving
   */
  async function startLeader(moving) {
    const leader = leaderOf(moving)
    if (!leader) return
    const deadline = performance.now() + 500
    start(leader)
    for (let steady = 0, last = leader.video.currentTime; steady < 3 && performance.now() < deadline; ) {
      await new Promise(requestAnimationFrame)
      const { currentTime } = leader.video
      steady = currentTime - last > 0.003 * usualRate(leader) ? steady + 1 : 0
      last = currentTime
    }
  }

  /** @param {Entry} entry */
  function start(entry) {
    forget(entry)
    entry.quiet = performance.now() / 1000 + entry.manner.deaf
    setRate(entry, 1)
    return entry.video.play().catch(() => {})
  }

  /**
   * Clips start some milliseconds apart: the clock starts where the leader is, or else in the middle of them all.
   * @param {Entry[]} moving
   */
  function startMoment(moving) {
    const leader = leaderOf(moving)
    const asked = leader ? [leader] : moving.filter((entry) => !entry.absent)
    const moments = asked.map((entry) => anchor.moment + ahead(entry, anchor.moment) - entry.lag * clock.speed)
    moments.sort((one, other) => one - other)
    return moments.length ? moments[moments.length >> 1] : anchor.moment
  }

  /**
   * Keep a clip at its place while all play.
   * @param {Entry} entry
   * @param {number} moment
   */
  function follow(entry, moment) {
    const { video, track } = entry
    const at = placeAt(clock.plan, track, moment)
    if (!plays(entry, at)) {
      if (!video.paused) video.pause()
      const wanted = frameAt(track, at.local)
      if (!video.seeking && frameAt(track, positionOf(entry)) !== wanted) {
        video.currentTime = inFile(entry, middleOfFrame(track, wanted), false)
      }
      return
    }
    if (video.seeking) return
    if (entry.sought) {
      forget(entry)
      entry.sought = false
      entry.jumped = true
      entry.quiet = performance.now() / 1000 + entry.manner.deaf
    }
    const drift = ahead(entry, moment)
    if (mustMove(clock.plan, track, positionOf(entry), moment, clock.speed)) {
      entry.sought = true
      video.currentTime = inFile(entry, moveTo(track, at.local, entry.lead, clock.speed), true)
    }
    if (video.paused) start(entry)
    else correct(entry, drift / clock.speed)
  }

  /** @param {Entry} entry */
  function forget(entry) {
    entry.seen = []
    entry.pushed = 0
    entry.quiet = 0
  }

  /**
   * Read how far a playing clip is ahead, and push it after enough readings.
   * @param {Entry} entry
   * @param {number} drift in seconds of real time, so that a correction takes as long at every speed
   */
  function correct(entry, drift) {
    const at = performance.now() / 1000
    if (entry.pushed) {
      if (at < entry.pushed) return
      forget(entry)
      entry.quiet = at + entry.manner.deaf
    }
    setRate(entry, 1)
    if (at < entry.quiet) return
    entry.seen = [...entry.seen.slice(1 - entry.manner.looks), drift]
    if (entry.seen.length < entry.manner.looks) return
    const latest = Math.max(...entry.seen)
    if (entry.started) entry.lag = learnLag(entry.lag, latest)
    if (entry.jumped) entry.lead = learnLag(entry.lead, latest)
    entry.started = entry.jumped = false
    const pushing = leads(entry) ? null : pushAgainst(latest)
    if (!pushing) return
    setRate(entry, pushing.factor)
    const until = (entry.pushed = at + pushing.lasting)
    // Animation frames may be far apart: the push ends on time all the same.
    setTimeout(() => entry.pushed === until && setRate(entry, 1), pushing.lasting * 1000)
  }

  /**
   * @param {Entry} entry
   * @param {number} factor of the usual rate
   */
  function setRate(entry, factor) {
    const rate = clampRate(usualRate(entry) * factor)
    if (Math.abs(entry.video.playbackRate - rate) > 1e-4) entry.video.playbackRate = rate
  }

  /**
   * Whether all clips must settle again because of one: it lacks data, or it did and now has some.
   * @param {Entry} entry
   * @param {number} moment
   */
  function unsettles(entry, moment) {
    const { video, track } = entry
    if (entry.absent) return video.readyState >= 3
    const starving = video.readyState < 3 && !video.seeking && video.currentTime < video.duration - 0.3
    if (!starving || !plays(entry, placeAt(clock.plan, track, moment))) entry.hungry = 0
    else entry.hungry ||= performance.now()
    return entry.hungry > 0 && performance.now() - entry.hungry > 300
  }

  function tick() {
    if (!running()) return
    const leader = leaderOf(active())
    let moment = now()
    if (leader && !leader.video.paused && !leader.video.seeking && placeAt(clock.plan, leader.track, moment).stage === "running") {
      moment += followLeader(ahead(leader, moment))
      anchor = { moment, at: performance.now() }
    }
    if (moment >= clock.plan.total - 0.002) {
      settle(clock.loop ? 0 : clock.plan.total, clock.loop)
    } else if (active().some((entry) => unsettles(entry, moment))) {
      settle(moment, true)
    } else {
      active().forEach((entry) => follow(entry, moment))
      frame = requestAnimationFrame(tick)
    }
    notify("moment")
  }

  // After a change of the plan: the same moment, all clips in their new places.
  const placeAgain = () => (touched ? settle(now(), clock.playing) : Promise.resolve())

  return Object.assign(clock, {
    now,
    placeAgain,
    settled: () => !clock.settling,
    play: () => settle(now() >= clock.plan.total - 0.01 ? 0 : now(), true),
    pause: () => settle(now(), false),
    seek: (/** @type {number} */ moment) => settle(moment, clock.playing),
    step: (/** @type {number} */ direction) => {
      const tracks = clock.entries.filter((entry) => entry.shown).map((entry) => entry.track)
      return settle(stepFrom(clock.plan, tracks, now(), direction), false)
    },
    setSpeed(/** @type {number} */ speed) {
      anchor = { moment: now(), at: performance.now() }
      clock.speed = speed
    },
    /** Returns whether this is another clip than before. */
    setHeard(/** @type {string} */ id) {
      const other = clock.heard !== id
      clock.heard = id
      clock.entries.forEach((entry) => {
        entry.video.muted = !leads(entry)
        // Keeping the pitch of a clip that nobody hears would throw it off by 20 ms.
        entry.video.preservesPitch = leads(entry)
      })
      return other
    },
    // After a change of what is shown alone: hidden clips stop; `more` says that others have appeared, all wait for them.
    rearrange(/** @type {boolean} */ more) {
      const going = active()
      clock.entries.filter((entry) => !going.includes(entry)).forEach(({ video }) => video.pause())
      return more ? placeAgain() : Promise.resolve()
    },
    stop() {
      turn += 1
      cancelAnimationFrame(frame)
      clock.playing = clock.settling = false
      clock.entries.forEach(({ video }) => video.pause())
    },
    /** Where every active clip is, and where it should be. */
    probe: () =>
      active().map((entry) => {
        const { track } = entry
        const at = placeAt(clock.plan, track, now())
        const moving = running() && plays(entry, at)
        const expected = moving ? at.local : middleOfFrame(track, frameAt(track, at.local))
        const drift = moving ? ahead(entry, now()) : 0
        return { id: track.id, expected, actual: positionOf(entry), drift, rate: track.rate, moving }
      }),
  })
}
