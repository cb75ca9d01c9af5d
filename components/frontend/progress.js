// @ts-check
// Elapsed time and progress of a run. The time is counted here, so that nothing reruns while nothing changes.

/** @typedef {{ stage: string, elapsed: number, usual: number | null, percent: number | null }} ProgressData */

/** @type {WeakMap<StreamlitComponent<ProgressData>["parentElement"], number>} */
const timers = new WeakMap()

const words = (/** @type {number} */ seconds) => {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  return `${Math.floor(whole / 60)} m ${whole % 60} s`
}

/** @param {StreamlitComponent<ProgressData>} component */
export default function (component) {
  const { data, parentElement } = component
  const bar = /** @type {HTMLElement} */ (parentElement.querySelector(".bar"))
  const fill = /** @type {HTMLElement} */ (parentElement.querySelector(".fill"))
  const text = /** @type {HTMLElement} */ (parentElement.querySelector(".text"))
  // The server's clock may differ from this one: count on from the elapsed time that it gave.
  const began = performance.now()
  const { percent } = data
  bar.hidden = percent === null
  if (percent !== null) {
    bar.setAttribute("aria-valuenow", String(percent))
    fill.style.width = `${percent}%`
  }
  const tick = () => {
    const elapsed = data.elapsed + (performance.now() - began) / 1000
    const usual = data.usual ? ` of usually ${words(data.usual)}` : ""
    text.textContent = `${data.stage} · ${words(elapsed)}${usual}${percent === null ? "" : ` · ${percent} %`}`
  }
  clearInterval(timers.get(parentElement))
  tick()
  timers.set(parentElement, setInterval(tick, 1000))
  return () => clearInterval(timers.get(parentElement))
}
