// @ts-check
// Says what becomes of this person's runs: politely to screen readers, in the tab's title while it is in the
// background, by a notification and a sound where they were asked for, and by bringing a new card into view.

/** @typedef {{ id: string, state: string, words: string, ended: boolean }} Said */

const NARROW = 700 // px: below it, the form stands above the runs

const shared = /** @type {{ dailiesSaid?: Map<string, string>, dailiesTitle?: string }} */ (/** @type {unknown} */ (window))
const known = (shared.dailiesSaid ??= new Map())

/** @param {StreamlitComponent<{ runs: Said[] }>} component */
export default function ({ data, parentElement }) {
  const region = /** @type {HTMLElement} */ (parentElement.querySelector(".said"))
  const words = []
  let fresh = "" // the newest of them: runs are listed newest first
  for (const run of data.runs) {
    const before = known.get(run.id)
    if (before === run.state) continue
    known.set(run.id, run.state)
    words.push(run.words)
    if (before === undefined) fresh ||= run.id
    else if (run.ended && document.hidden) {
      mark(run.words)
      tell(run)
    }
    else if (run.ended && innerWidth < NARROW) setTimeout(() => bringIntoView(run.id, 20), 100) // its clip makes it taller
  }
  if (fresh) bringIntoView(fresh, 20)
  if (words.length) region.textContent = words.join(" ")
}

/**
 * The card may be drawn a moment after this component.
 * @param {string} id
 * @param {number} tries
 */
function bringIntoView(id, tries) {
  const card = document.querySelector(`.st-key-run-${CSS.escape(id)}`)
  if (!card) {
    if (tries > 0) setTimeout(() => bringIntoView(id, tries - 1), 50)
    return
  }
  const { top, bottom } = card.getBoundingClientRect()
  if (top >= 0 && (bottom <= innerHeight || top < innerHeight * 0.3)) return
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
  const far = Math.abs(card.getBoundingClientRect().top) > innerHeight // as on a phone: a long ride shows nothing sooner
  card.scrollIntoView({ block: "start", behavior: calm || far ? "auto" : "smooth" })
}

/** @param {string} words */
function mark(words) {
  shared.dailiesTitle ??= document.title
  document.title = words
  const back = () => {
    if (document.hidden) return
    document.removeEventListener("visibilitychange", back)
    document.title = shared.dailiesTitle ?? document.title
    shared.dailiesTitle = undefined
  }
  document.addEventListener("visibilitychange", back)
}

/**
 * Tell it outside of the page, if the person has asked for that in the sidebar. The prompt stays in the page: other
 * people may see a notification.
 * @param {Said} run
 */
function tell(run) {
  if (localStorage.getItem("dailies/tell") !== "on") return
  const words = run.words.split(",")[0]
  try {
    if (Notification.permission === "granted") new Notification(words, { tag: run.id }).onclick = () => window.focus()
  } catch {
    // no notifications here, or only from a service worker: the sound remains
  }
  const audio = new AudioContext()
  const tone = audio.createOscillator()
  const volume = audio.createGain()
  volume.gain.setValueAtTime(0.08, audio.currentTime)
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.5)
  tone.frequency.value = 660 // Hz
  tone.connect(volume).connect(audio.destination)
  tone.onended = () => audio.close()
  tone.start()
  tone.stop(audio.currentTime + 0.5)
}
