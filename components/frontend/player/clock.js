// One clock for all clips. The heard clip leads it and is never corrected; without one it is the browser's own clock.
// The others follow: small drift by their playback rate, large drift by a seek. Starts, seeks and loops wait for all.
//
// Measured in Chromium: a film with sound answers a new rate some 70 ms late, and while the machine is busy it reads
// late for a moment, never early. So a correction is one push of known length, then a pause, then a new look, and the
// look takes the latest of several readings. How late a clip starts is learnt, so that it is sent off ahead. Keeping the pitch of what nobody hears would throw a film off by 20 ms.
const calm = 0.0015 // seconds of drift that are left alone
const push = 0.1 // seconds that a push lasts at least
const mostPush = 0.5 // a clip never runs more than this much faster or slower to catch up
const sounding = { deaf: 0.1, looks: 4 } // seconds after a start or a push until readings mean something; readings a look
const silent = { deaf: 0.02, looks: 2 } // the same for a film without sound
const tooFar = 0.2 // seconds of drift from which a clip is placed anew instead
const slowest = 0.0625 // browsers refuse lower playback rates: such a clip is shown frame by frame

function happened(target, names, limit) {
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

// `entries` are {clip, track, video, failed, shown} and what the clock notes on them; `notify(what)` is told "state" and "moment".
function makeClock(notify) {
  const clock = { entries: [], plan: makePlan([], "hold"), playing: false, settling: false, speed: 1, loop: true, heard: "" }
  let anchor = { moment: 0, at: 0 }
  let turn = 0 // a newer seek or start makes an older one void
  let frame = 0
  let touched = false // until somebody asks for a moment only posters are shown and nothing is loaded

  const active = () => clock.entries.filter((entry) => !entry.failed && (entry.shown || entry.track.id === clock.heard))
  const running = () => clock.playing && !clock.settling
  const now = () => {
    const passed = running() ? ((performance.now() - anchor.at) / 1000) * clock.speed : 0
    return Math.min(clock.plan.total, anchor.moment + passed)
  }
  const base = (entry) => entry.track.rate * clock.speed
  const moves = (entry, place) => place.stage === "running" && base(entry) >= slowest

  // The heard clip plays its file, the others the same without its sound, where that can be had.
  async function sourced(entry) {
    const { clip, video } = entry
    if (clip.sound) entry.silent ??= withoutSound(clip.src)
    const without = await entry.silent
    const wanted = clip.id === clock.heard ? clip.src : (without ?? clip.src)
    entry.manner = clip.sound && wanted === clip.src ? sounding : silent
    if (video.getAttribute("src") === wanted) return
    video.src = wanted
    entry.lag = entry.lead = 0
  }

  async function loaded(entry, enough) {
    const { video } = entry
    await sourced(entry)
    const ready = () => entry.failed || video.readyState >= enough
    if (ready()) return
    if (video.preload !== "auto") {
      video.preload = "auto"
      video.load()
    }
    const deadline = performance.now() + 8000
    while (!ready() && performance.now() < deadline) {
      await happened(video, ["loadeddata", "canplay", "canplaythrough", "error"], deadline - performance.now())
    }
  }

  async function place(entry, moment, toPlay) {
    const { video, track } = entry
    await loaded(entry, 2)
    if (entry.failed || video.readyState < 1) return
    const at = placeAt(clock.plan, track, moment)
    const exact = toPlay && moves(entry, at)
    const wanted = exact ? at.local + (entry.lag ?? 0) * base(entry) : middleOf(track, frameAt(track, at.local))
    const target = Math.min(wanted, Math.max(0, video.duration - 0.001))
    if (video.seeking || Math.abs(video.currentTime - target) > 0.001) {
      video.currentTime = target
      await happened(video, ["seeked", "error"], 4000)
    }
    if (exact && target < video.duration - 0.3) await loaded(entry, 3)
  }

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
      const moving = entries.filter((entry) => !entry.failed && moves(entry, placeAt(clock.plan, entry.track, anchor.moment)))
      moving.forEach((entry) => (entry.started = entry.track.id !== clock.heard))
      await led(moving)
      if (mine !== turn) return
      await Promise.race([Promise.all(moving.map(begin)), new Promise((resolve) => setTimeout(resolve, 500))])
      if (mine !== turn) return
      anchor = { moment: agreed(moving), at: performance.now() }
    }
    clock.settling = false
    notify("state")
    cancelAnimationFrame(frame)
    if (toPlay) frame = requestAnimationFrame(tick)
  }

  // Opening the sound takes its time: the others set off when the leader has really begun to move.
  async function led(moving) {
    const leader = moving.find((entry) => entry.track.id === clock.heard)
    if (!leader) return
    const deadline = performance.now() + 500
    begin(leader)
    for (let steady = 0, last = leader.video.currentTime; steady < 3 && performance.now() < deadline; ) {
      await new Promise(requestAnimationFrame)
      const { currentTime } = leader.video
      steady = currentTime - last > 0.003 * base(leader) ? steady + 1 : 0
      last = currentTime
    }
  }

  function begin(entry) {
    forget(entry)
    entry.quiet = performance.now() / 1000 + entry.manner.deaf
    setRate(entry, 1)
    return entry.video.play().catch(() => {})
  }

  // Clips start some milliseconds apart: the clock starts where the leader is, or in the middle of them all.
  function agreed(moving) {
    const leader = moving.find((entry) => entry.track.id === clock.heard)
    const moments = (leader ? [leader] : moving).map((entry) => anchor.moment + drift(entry, anchor.moment) - (entry.lag ?? 0) * clock.speed)
    moments.sort((one, other) => one - other)
    return moments.length ? moments[moments.length >> 1] : anchor.moment
  }

  // By how many seconds of the common clock a clip is ahead (positive) or behind at `moment`.
  function drift(entry, moment) {
    const { track, video } = entry
    const away = video.currentTime - placeAt(clock.plan, track, moment).local
    return (track.repeats ? away - Math.round(away / track.seconds) * track.seconds : away) / track.rate
  }

  function follow(entry, moment) {
    const { video, track } = entry
    const at = placeAt(clock.plan, track, moment)
    if (!moves(entry, at)) {
      if (!video.paused) video.pause()
      const wanted = frameAt(track, at.local)
      if (!video.seeking && frameAt(track, video.currentTime) !== wanted) video.currentTime = middleOf(track, wanted)
      return
    }
    if (video.seeking) return
    if (entry.sought) {
      forget(entry)
      entry.sought = false
      entry.jumped = true
      entry.quiet = performance.now() / 1000 + entry.manner.deaf
    }
    const ahead = drift(entry, moment)
    const wrapped = track.repeats && video.currentTime - at.local > track.seconds / 2
    if (Math.abs(ahead) > tooFar * clock.speed || wrapped) {
      entry.sought = true
      const target = at.local + (entry.lead ?? 0.04) * base(entry)
      video.currentTime = track.repeats ? target % track.seconds : Math.min(target, track.seconds)
    }
    if (video.paused) begin(entry)
    else correct(entry, ahead / clock.speed)
  }

  function forget(entry) {
    entry.seen = []
    entry.pushed = 0
    entry.quiet = 0
  }

  // `ahead` is in seconds of the room, so that a correction takes as long at every speed.
  function correct(entry, ahead) {
    const at = performance.now() / 1000
    if (entry.pushed) {
      if (at < entry.pushed) return
      forget(entry)
      entry.quiet = at + entry.manner.deaf
    }
    setRate(entry, 1)
    if (at < entry.quiet) return
    entry.seen = [...entry.seen.slice(1 - entry.manner.looks), ahead]
    if (entry.seen.length < entry.manner.looks) return
    const latest = Math.max(...entry.seen)
    const learnt = (late) => Math.max(0, Math.min(0.2, (late ?? 0) - latest * 0.7))
    if (entry.started) entry.lag = learnt(entry.lag)
    if (entry.jumped) entry.lead = learnt(entry.lead)
    entry.started = entry.jumped = false
    if (entry.track.id === clock.heard || Math.abs(latest) < calm) return
    const lasting = Math.max(push, Math.abs(latest) / mostPush)
    setRate(entry, 1 - latest / lasting)
    const until = (entry.pushed = at + lasting)
    // Frames may be far apart: the push ends on time all the same.
    setTimeout(() => entry.pushed === until && setRate(entry, 1), lasting * 1000)
  }

  function setRate(entry, factor) {
    const rate = Math.max(slowest, Math.min(16, base(entry) * factor))
    if (Math.abs(entry.video.playbackRate - rate) > 1e-4) entry.video.playbackRate = rate
  }

  function starved(entry, moment) {
    const { video, track } = entry
    const starving = video.readyState < 3 && !video.seeking && video.currentTime < video.duration - 0.3
    if (!starving || !moves(entry, placeAt(clock.plan, track, moment))) entry.hungry = 0
    else entry.hungry ||= performance.now()
    return entry.hungry && performance.now() - entry.hungry > 300
  }

  function tick() {
    if (!running()) return
    const leader = active().find((entry) => entry.track.id === clock.heard)
    let moment = now()
    if (leader && !leader.video.paused && !leader.video.seeking && placeAt(clock.plan, leader.track, moment).stage === "running") {
      const ahead = drift(leader, moment)
      // It reads late at times, never early: a step back is believed slowly, so that the others do not tremble.
      moment += ahead > 0 || ahead < -0.15 ? ahead : ahead * 0.01
      anchor = { moment, at: performance.now() }
    }
    if (moment >= clock.plan.total - 0.002) {
      settle(clock.loop ? 0 : clock.plan.total, clock.loop)
    } else if (active().some((entry) => starved(entry, moment))) {
      settle(moment, true)
    } else {
      active().forEach((entry) => follow(entry, moment))
      frame = requestAnimationFrame(tick)
    }
    notify("moment")
  }

  return Object.assign(clock, {
    now,
    settled: () => !clock.settling,
    play: () => settle(now() >= clock.plan.total - 0.01 ? 0 : now(), true),
    pause: () => settle(now(), false),
    seek: (moment) => settle(moment, clock.playing),
    step: (direction) => {
      const tracks = clock.entries.filter((entry) => entry.shown).map((entry) => entry.track)
      return settle(stepFrom(clock.plan, tracks, now(), direction), false)
    },
    setSpeed(speed) {
      anchor = { moment: now(), at: performance.now() }
      clock.speed = speed
    },
    setHeard(id) {
      const other = clock.heard !== id
      clock.heard = id
      clock.entries.forEach(({ video, track }) => {
        video.muted = track.id !== id
        video.preservesPitch = track.id === id
      })
      return other
    },
    // After a change of the plan: the same moment, all in their new places.
    replace: () => (touched ? settle(now(), clock.playing) : Promise.resolve()),
    // After a change of what is shown alone: who has gone rests; who has come (`more`) waits for all.
    rearranged(more) {
      const going = active()
      clock.entries.filter((entry) => !going.includes(entry)).forEach(({ video }) => video.pause())
      return more ? clock.replace() : Promise.resolve()
    },
    rest() {
      turn += 1
      cancelAnimationFrame(frame)
      clock.playing = clock.settling = false
      clock.entries.forEach(({ video }) => video.pause())
    },
    probe: () =>
      active().map((entry) => {
        const at = placeAt(clock.plan, entry.track, now())
        const moving = running() && moves(entry, at)
        const expected = moving ? at.local : middleOf(entry.track, frameAt(entry.track, at.local))
        const { id, rate } = entry.track
        return { id, expected, actual: entry.video.currentTime, drift: moving ? drift(entry, now()) : 0, rate, moving }
      }),
  })
}
