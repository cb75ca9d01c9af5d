// @ts-check
// How a clip is kept at its place on the common clock: when to leave it alone, push it or move it. Pure; seconds.
//
// Measured in Chromium: a clip with sound answers to a new rate some 70 ms late, and on a busy machine its position
// reads late for a moment, never early. So a correction is one push of known duration, then a pause, then a new look,
// and a look takes the latest of several readings.
const tolerated = 0.0015 // a drift that is left alone
const tooFar = 0.2 // a drift from which a clip is moved instead of pushed
const shortestPush = 0.1
const mostPush = 0.5 // a pushed clip plays at most this much faster or slower
const slowestRate = 0.0625 // browsers refuse lower rates: such a clip is shown frame by frame
const fastestRate = 16
const mostLag = 0.2 // a clip that starts later than this is not sent off earlier still

/** @type {Manner} */
const sounding = { deaf: 0.1, looks: 4 }
/** @type {Manner} */
const silent = { deaf: 0.02, looks: 2 }

/**
 * How far a clip that stands at `local` is ahead of its place at `moment`, on the common clock; negative is behind.
 * @param {Plan} plan
 * @param {Track} track
 * @param {number} local
 * @param {number} moment
 */
function aheadBy(plan, track, local, moment) {
  const away = local - placeAt(plan, track, moment).local
  return (track.repeats ? away - Math.round(away / track.seconds) * track.seconds : away) / track.rate
}

/**
 * Whether a clip is to be moved: it is far off, or its place has begun the next round while it is at the end of one.
 * @param {Plan} plan
 * @param {Track} track
 * @param {number} local
 * @param {number} moment
 * @param {number} speed
 */
function mustMove(plan, track, local, moment, speed) {
  if (Math.abs(aheadBy(plan, track, local, moment)) > tooFar * speed) return true
  return track.repeats && local - placeAt(plan, track, moment).local > track.seconds / 2
}

/**
 * Where to move a clip whose place is at `local`, when it needs `lead` seconds until it moves on.
 * @param {Track} track
 * @param {number} local
 * @param {number} lead
 * @param {number} speed
 */
function moveTo(track, local, lead, speed) {
  const target = local + lead * track.rate * speed
  return track.repeats ? target % track.seconds : Math.min(target, track.seconds)
}

/**
 * The push against a drift: for how long, and how many times the usual rate. Null where the drift is tolerated.
 * @param {number} ahead
 */
function pushAgainst(ahead) {
  if (Math.abs(ahead) < tolerated) return null
  const lasting = Math.max(shortestPush, Math.abs(ahead) / mostPush)
  return { lasting, factor: 1 - ahead / lasting }
}

/**
 * The lag of a clip after one more start, at which it came out ahead of its place by `ahead`.
 * @param {number} known
 * @param {number} ahead
 */
function learnLag(known, ahead) {
  return Math.max(0, Math.min(mostLag, known - ahead * 0.7))
}

/**
 * By how much the common clock follows the audible clip. It reads late at times, never early: a small step back is
 * believed slowly, so that the other clips do not tremble.
 * @param {number} ahead
 */
function followLeader(ahead) {
  return ahead > 0 || ahead < -0.15 ? ahead : ahead * 0.01
}

/** @param {number} rate */
function clampRate(rate) {
  return Math.max(slowestRate, Math.min(fastestRate, rate))
}
