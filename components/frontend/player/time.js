// What a clip shows at a moment of the common clock: rules for unequal lengths, offsets, frames. Pure; all in seconds.
const frameSlack = 5e-4 // times come rounded; a moment this little before a frame's start already counts as that frame

function makePlan(clips, unequal) {
  const longest = Math.max(...clips.map((clip) => clip.seconds), 0.04)
  const tracks = clips.map((clip) => makeTrack(clip, unequal, longest))
  const ends = tracks.map((track) => track.offset + track.seconds / track.rate)
  const total = Math.max(0.04, ...ends)
  tracks.forEach((track, index) => {
    track.last = ends[index] > total - 0.001
    track.repeats = track.loops && ends[index] < total - 0.001
  })
  return { tracks, total, unequal: ends.some((end) => end < total - 0.001) }
}

function makeTrack(clip, unequal, longest) {
  const seconds = Math.max(0.04, clip.seconds)
  const step = 1 / (clip.frameRate > 0 ? clip.frameRate : 24)
  const given = Array.isArray(clip.times) && clip.times.length ? clip.times : null
  const times = given ?? Array.from({ length: Math.max(1, Math.round(seconds / step)) }, (_, index) => index * step)
  const rate = unequal === "stretch" ? seconds / longest : 1
  return { id: clip.id, seconds, step, times, rate, offset: clip.offset || 0, loops: unequal === "loop" }
}

// Where in its own file a clip stands. `stage`: before its start, running, or after its end (its last frame stays).
function placeAt(plan, track, moment) {
  let local = (moment - track.offset) * track.rate
  if (local < 0) return { local: 0, stage: "before" }
  // The end of the whole still belongs to the last round of a looping clip: it is not its first frame again.
  if (track.repeats) local = Math.min(local, (plan.total - track.offset) * track.rate - 1e-3) % track.seconds
  else if (local >= track.seconds - 1e-6) return { local: track.seconds, stage: "after" }
  return { local, stage: "running" }
}

function frameAt(track, local) {
  let low = 0
  let high = track.times.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (track.times[middle] <= local + frameSlack) low = middle
    else high = middle - 1
  }
  return low
}

// The middle of a frame, so that no rounding on the way to the decoder can show a neighbour.
function middleOf(track, frame) {
  const start = track.times[frame]
  const end = track.times[frame + 1] ?? Math.max(start + 0.002, Math.min(start + track.step, track.seconds))
  return (start + end) / 2
}

// The moments at which a picture changes nearest to `moment`: the last at or before it, and the first after it.
function changesAround(plan, track, moment) {
  const { local, stage } = placeAt(plan, track, moment)
  const toMoment = (place) => moment + (place - local) / track.rate
  if (stage === "before") {
    const next = track.times[1] ?? (track.repeats ? track.seconds : null)
    return { before: null, after: next === null ? null : track.offset + next / track.rate }
  }
  if (stage === "after") return { before: track.offset + (track.times.at(-1) || 0) / track.rate, after: null }
  const frame = frameAt(track, local)
  const next = track.times[frame + 1] ?? (track.repeats ? track.seconds : null)
  const first = frame === 0 && moment - local / track.rate <= track.offset + frameSlack
  return { before: first ? null : toMoment(track.times[frame]), after: next === null ? null : toMoment(next) }
}

const together = 0.004 // changes this close are one: no film has 250 frames a second

// The step follows every visible clip: each press changes at least one picture, and no frame of any clip is skipped.
function stepFrom(plan, tracks, moment, direction) {
  const shown = moment + frameSlack
  if (direction > 0) {
    const after = tracks.map((track) => changesAround(plan, track, shown).after).filter((at) => at !== null)
    if (!after.length) return moment
    const soonest = Math.min(...after)
    return Math.min(plan.total, Math.max(...after.filter((at) => at < soonest + together)))
  }
  const current = changeBefore(plan, tracks, shown)
  return current === null ? 0 : Math.max(0, changeBefore(plan, tracks, current - together) ?? 0)
}

function changeBefore(plan, tracks, moment) {
  const before = tracks.map((track) => changesAround(plan, track, moment).before).filter((at) => at !== null)
  return before.length ? Math.max(...before) : null
}

function clockText(seconds) {
  const hundredths = Math.round(Math.max(0, seconds) * 100)
  const minutes = Math.floor(hundredths / 6000)
  return `${minutes}:${((hundredths % 6000) / 100).toFixed(2).padStart(5, "0")}`
}
