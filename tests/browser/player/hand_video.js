// A video whose time the test moves by hand: it plays by `performance.now()`, which the test sets, and notes what the
// clock does to it. `late` is how many seconds it stands still after a start, `seeks` how long a seek takes, `skew` by
// what part it plays too fast.
class HandVideo extends EventTarget {
  constructor({ duration, late = 0, seeks = 0.01, skew = 0, readyState = 4 }) {
    super()
    Object.assign(this, { duration, late, seeks, skew, paused: true, seeking: false, preload: "none" })
    Object.assign(this, { muted: true, preservesPitch: true, src: "", loads: 0, starts: 0 })
    this.rates = [] // all that were set
    this.sought = [] // all places that the clock moved it to
    this.from = { place: 0, at: 0, rate: 1 }
    this.data = readyState
    this.reads = 0 // seconds by which it reads wrong
  }
  get actual() {
    const { place, at, rate } = this.from
    if (this.paused || this.seeking || this.data < 3) return place
    const passed = Math.max(0, performance.now() / 1000 - at)
    return Math.min(this.duration, place + passed * rate * (1 + this.skew))
  }
  go(change) {
    this.from = { ...this.from, place: this.actual, at: Math.max(performance.now() / 1000, this.from.at), ...change }
  }
  get readyState() {
    return this.data
  }
  set readyState(readyState) {
    this.go({})
    this.data = readyState
    this.go({ at: Math.max(performance.now() / 1000, this.from.at) })
  }
  get currentTime() {
    return this.actual + this.reads
  }
  set currentTime(place) {
    this.sought.push(place)
    this.go({ place })
    this.seeking = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.go({ at: performance.now() / 1000 })
      this.seeking = false
      this.dispatchEvent(new Event("seeked"))
    }, this.seeks * 1000)
  }
  get playbackRate() {
    return this.from.rate
  }
  set playbackRate(rate) {
    this.rates.push(rate)
    this.go({ rate })
  }
  getAttribute() {
    return this.src
  }
  load() {
    this.loads += 1
  }
  pause() {
    this.go({})
    this.paused = true
  }
  async play() {
    if (!this.paused) return
    this.starts += 1
    this.paused = false
    this.from.at = performance.now() / 1000 + this.late
  }
}

// A clock with such videos: `clips` are {seconds, frameRate, ...} with the video's own properties in `video`.
function handClock(clips, rule, heard, more) {
  window.told = []
  window.clock = makeClock((what) => told.push([what, performance.now()]))
  const made = clips.map((one, index) => ({ times: null, offset: 0, frameRate: 24, src: `${index}`, sound: false, ...one, id: `${index}` }))
  clock.plan = makePlan(made, rule)
  clock.entries = made.map((clip, index) => {
    const video = new HandVideo({ duration: clip.seconds, ...clip.video })
    video.src = clip.src
    return { clip, track: clock.plan.tracks[index], video, failed: false, shown: true, ...newTiming(), ...clip.entry }
  })
  window.videos = clock.entries.map((entry) => entry.video)
  clock.setHeard(heard)
  Object.assign(clock, more)
}
// How many seconds each clip really is ahead of the clock.
const drifts = () => clock.entries.map(({ track, video }) => aheadBy(clock.plan, track, video.actual, clock.now()))
