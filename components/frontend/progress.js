// Elapsed time and progress of a run. The clock ticks here, so that nothing reruns while nothing changes.
const timers = new WeakMap()

const words = (seconds) => {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  return `${Math.floor(whole / 60)} m ${whole % 60} s`
}

export default function (component) {
  const { data, parentElement } = component
  const bar = parentElement.querySelector(".bar")
  const fill = parentElement.querySelector(".fill")
  const text = parentElement.querySelector(".text")
  // The server's clock may differ from ours: count on from what it said when it drew this.
  const began = performance.now()
  const known = data.percent !== null
  bar.hidden = !known
  if (known) {
    bar.setAttribute("aria-valuenow", data.percent)
    fill.style.width = `${data.percent}%`
  }
  const tick = () => {
    const elapsed = data.elapsed + (performance.now() - began) / 1000
    const usual = data.usual ? ` of usually ${words(data.usual)}` : ""
    text.textContent = `${data.stage} · ${words(elapsed)}${usual}${known ? ` · ${data.percent} %` : ""}`
  }
  clearInterval(timers.get(parentElement))
  tick()
  timers.set(parentElement, setInterval(tick, 1000))
  return () => clearInterval(timers.get(parentElement))
}
