// @ts-check
// What a clip shows at a moment of the common clock: rules for unequal durations, offsets, frames. Pure; seconds.
const frameSlack = 5e-4 // times are rounded: a moment this little before the start of a frame counts as that frame
const shortest = 0.04 // the duration of a clip without one

/**
 * Place every clip on the common clock.
 * @param {TimedClip[]} clips
 * @param {Rule} rule
 * @returns {Plan}
 */
function makePlan(clips, rule) {
  const longest = Math.max(...clips.map((clip) => clip.seconds), shortest)
  const tracks = clips.map((clip) => makeTrack(clip, rule, longest))
  const ends = tracks.map((track) => track.offset + track.seconds / track.rate)
  const total = Math.max(shortest, ...ends)
  tracks.forEach((track, index) => {
    track.last = ends[index] > total - 0.001
    track.repeats = track.loops && !track.last
  })
  return { tracks, total, unequal: tracks.some((track) => !track.last) }
}

/**
 * @param {TimedClip} clip
 * @param {Rule} rule
 * @param {number} longest
 * @returns {Track}
 */
function makeTrack(clip, rule, longest) {
  const seconds = Math.max(shortest, clip.seconds)
  const step = 1 / (clip.frameRate > 0 ? clip.frameRate : 24)
  const given = Array.isArray(clip.times) && clip.times.length ? clip.times : null
  const first = given?.[0] ?? 0
  const times = given?.map((time) => time - first) ?? Array.from({ length: Math.max(1, Math.round(seconds / step)) }, (_, index) => index * step)
  const rate = rule === "stretch" ? seconds / longest : 1
  const offset = clip.offset || 0
  return { id: clip.id, seconds, step, first, times, rate, offset, loops: rule === "loop", repeats: false, last: true }
}

/**
 * Where a clip stands at a moment of the common clock, counted from its first frame.
 * @param {Plan} plan
 * @param {Track} track
 * @param {number} moment
 * @returns {Place}
 */
function placeAt(plan, track, moment) {
  let local = (moment - track.offset) * track.rate
  if (local < 0) return { local: 0, stage: "before" }
  // The very end still belongs to the last round of a repeating clip: it does not show its first frame again.
  if (track.repeats) local = Math.min(local, (plan.total - track.offset) * track.rate - 1e-3) % track.seconds
  else if (local >= track.seconds - 1e-6) return { local: track.seconds, stage: "after" }
  return { local, stage: "running" }
}

/**
 * The number of the frame that stands at a position of the clip, counted from 0.
 * @param {Track} track
 * @param {number} local
 */
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

/**
 * The middle of a frame: a seek to it shows this frame, however the decoder rounds.
 * @param {Track} track
 * @param {number} frame
 */
function middleOfFrame(track, frame) {
  const start = track.times[frame]
  const end = track.times[frame + 1] ?? Math.max(start + 0.002, Math.min(start + track.step, track.seconds))
  return (start + end) / 2
}

/**
 * The moments at which the picture changes nearest to `moment`: the last one at or before it, and the next one.
 * @param {Plan} plan
 * @param {Track} track
 * @param {number} moment
 * @returns {{ before: number | null, after: number | null }}
 */
function changesAround(plan, track, moment) {
  const { local, stage } = placeAt(plan, track, moment)
  const toMoment = (/** @type {number} */ position) => moment + (position - local) / track.rate
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

const sameChange = 0.004 // changes this close are one change: no clip has 250 frames a second

/**
 * The moment one step on (`direction` > 0) or back. A step follows every given clip: it changes at least one picture
 * and skips no frame of any clip.
 * @param {Plan} plan
 * @param {Track[]} tracks
 * @param {number} moment
 * @param {number} direction
 */
function stepFrom(plan, tracks, moment, direction) {
  const shown = moment + frameSlack
  if (direction > 0) {
    const after = tracks.flatMap((track) => changesAround(plan, track, shown).after ?? [])
    if (!after.length) return moment
    const soonest = Math.min(...after)
    return Math.min(plan.total, Math.max(...after.filter((at) => at < soonest + sameChange)))
  }
  const current = changeBefore(plan, tracks, shown)
  return current === null ? 0 : Math.max(0, changeBefore(plan, tracks, current - sameChange) ?? 0)
}

/**
 * @param {Plan} plan
 * @param {Track[]} tracks
 * @param {number} moment
 */
function changeBefore(plan, tracks, moment) {
  const before = tracks.flatMap((track) => changesAround(plan, track, moment).before ?? [])
  return before.length ? Math.max(...before) : null
}

/**
 * Minutes, seconds and hundredths: `1:05.30`.
 * @param {number} seconds
 */
function clockText(seconds) {
  const hundredths = Math.round(Math.max(0, seconds) * 100)
  const minutes = Math.floor(hundredths / 6000)
  return `${minutes}:${((hundredths % 6000) / 100).toFixed(2).padStart(5, "0")}`
}
