// The records that the parts of the player share. Seconds and pixels. The scripts carry no types of their own at run
// time: this file is read by the type checker alone.

/** A clip as Python describes it (`player` in Python names the same fields). `times` are the starts of its frames in the file. */
interface Clip {
  id: string
  letter: string
  name: string
  note: string
  src: string
  poster: string
  seconds: number
  width: number
  height: number
  frameRate: number
  times: number[] | null
  sound: boolean
  offset: number
}

type Arrangement = "grid" | "wipe" | "blink" | "difference"
/** What a clip does after its end while a longer one still plays. */
type Rule = "hold" | "loop" | "stretch"
type Mode = "full" | "vote" | "present"

/** What a person chose to see. `pair` and `heard` are ids of clips; an empty `heard` means no sound. */
interface View {
  arrangement: Arrangement
  pair: string[]
  heard: string
  unequal: Rule
  speed: number
  loop: boolean
  names: boolean
}
/** A view with the offset of every clip by id, in seconds. */
type ReportedView = View & { offsets: Record<string, number> }

interface Spec {
  clips: Clip[]
  view?: Partial<ReportedView>
  mode?: Mode
}

/** The fields of a clip that decide its place in time. */
type TimedClip = Pick<Clip, "id" | "seconds" | "frameRate" | "times" | "offset">

/** A clip's place on the common clock. `rate` is the speed of a stretched clip, `step` the usual duration of a frame.
 * `first` is where its first frame stands in the file; `times` and all positions count from there. */
interface Track {
  id: string
  seconds: number
  step: number
  first: number
  times: number[]
  rate: number
  offset: number
  /** Its rule is to repeat. */
  loops: boolean
  /** It really repeats: it ends before the longest clip. */
  repeats: boolean
  /** It ends with the whole. */
  last: boolean
}

/** All tracks; `total` is where the common clock ends, `unequal` says that some clip ends before that. */
interface Plan {
  tracks: Track[]
  total: number
  unequal: boolean
}

/** A position in a clip, counted from its first frame. A clip after its end keeps showing its last frame. */
interface Place {
  local: number
  stage: "before" | "running" | "after"
}

interface Size {
  width: number
  height: number
}
type Box = Size & { left: number; top: number }
interface Grid {
  places: Box[]
  height: number
  columns: number
  area: number
}
interface Point {
  x: number
  y: number
}
/** The visible part of every picture: `x` and `y` are its centre in parts of the picture, `scale` 1 shows all of it. */
type Region = Point & { scale: number }

/** How a clip answers to the clock: seconds until readings mean something after a change, and readings per look. */
interface Manner {
  deaf: number
  looks: number
}

/** What the clock notes about a clip. */
interface Timing {
  /** The address of the clip without its sound; null where there is none. Undefined until it is needed. */
  silent: Promise<string | null> | undefined
  manner: Manner
  /** Seconds by which it starts late, and by which it continues late after a seek while playing. */
  lag: number
  lead: number
  /** Recent readings of how far it is ahead. */
  seen: number[]
  /** When the current push ends, and until when readings mean nothing; seconds of `performance.now()`, 0 is never. */
  pushed: number
  quiet: number
  /** The next look measures the lag, or the lead. */
  started: boolean
  jumped: boolean
  /** A seek while playing is under way. */
  sought: boolean
  /** Since when it lacks data, in milliseconds of `performance.now()`; 0 means it has enough. */
  hungry: number
  /** It did not load in time: the others do not wait for it until it has data. */
  absent: boolean
}

/** A clip on the page. */
type Entry = Timing & {
  clip: Clip
  track: Track
  video: HTMLVideoElement
  picture: HTMLElement
  caption: HTMLElement
  message: HTMLElement
  cell: HTMLElement
  failed: boolean
  shown: boolean
}

type Clock = ReturnType<typeof makeClock>
type Stage = ReturnType<typeof makeStage>

interface State {
  mode: Mode
  view: View
  clock: Clock
  /** The id of the clip whose offset the controls change. */
  selected: string
  region: Region
  /** Where the wipe divides the picture, 0 to 1. */
  wipe: number
  gain: number
  /** Seconds that each clip is shown while blinking. */
  period: number
  automatic: boolean
  /** Which clip of the pair is shown while blinking: 0 or 1. */
  blinkSide: number
  unveiled: boolean
  namesShown(): boolean
  chosen(): Entry | undefined
  pair(): Entry[]
  arrangement(): Arrangement
  full(): boolean
  /** The height in pixels that the pictures may take. */
  room(): number
}

/** What a person can do, by pointer, key or control. Moments and offsets are in seconds. */
interface Actions {
  toggle(): void
  seek(moment: number): void
  skip(seconds: number): void
  step(direction: number): void
  speed(speed: number): void
  faster(direction: number): void
  loop(): void
  arrange(arrangement: Arrangement): void
  pair(side: number, id: string): void
  heard(id: string): void
  hearNumber(index: number): void
  unequal(rule: Rule): void
  nextRule(): void
  names(): void
  select(id: string): void
  offset(seconds: number): void
  nudge(frames: number): void
  region(region: Region): void
  wholePicture(): void
  /** Moves the visible region by an arrow key; false where all of the picture is visible. */
  pan(key: string): boolean
  wipe(place: number): void
  swap(): void
  automatic(automatic: boolean): void
  period(seconds: number): void
  gain(gain: number): void
  full(): void
  help(): void
}
