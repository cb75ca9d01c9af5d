// The keyboard: what every key does, the overlay that says so, and when a key is left to somebody else.
const keyOf = { grid: "g", wipe: "w", blink: "k", difference: "d" }

const keyHelp = [
  ["Space", "play, pause"],
  ["← →", "one frame back, on"],
  ["Shift ← →", "one second back, on"],
  ["Home End", "to the start, to the end"],
  ["↑ ↓", "faster, slower"],
  ["1 – 8, 0", "hear this clip, none", "full"],
  ["G W K D", "grid, wipe, blink, difference"],
  ["K again", "show the other clip by hand"],
  ["L", "loop", "full"],
  ["U", "rule for unequal lengths", "full"],
  ["N", "names", "full"],
  ["[ ]", "selected clip one frame earlier, later", "full"],
  ["+ − Z", "enlarge, reduce, all of the picture"],
  ["F", "full screen"],
  ["?", "this overview"],
]

function makeHelp(mode) {
  const rows = keyHelp.filter(([, , only]) => !only || mode !== "vote")
  const list = make("dl", {}, ...rows.flatMap(([keys, what]) => [make("dt", { textContent: keys }), make("dd", { textContent: what })]))
  const dialog = make("dialog", { className: "help", "aria-label": "Keys of the player" })
  dialog.append(make("h2", { textContent: "Keys" }), list, button("Close (Esc)", "Close", () => dialog.close()))
  dialog.onclick = (event) => event.target === dialog && dialog.close()
  return dialog
}

function keyActions(state, act) {
  const arrange = (value) => () => (value === "blink" && state.arrangement() === "blink" ? act.swap() : act.arrange(value))
  const zoom = (factor) => () => act.region(zoomedAbout(state.region, state.region.scale * factor, { x: 0.5, y: 0.5 }))
  const actions = {
    " ": act.toggle,
    ArrowLeft: (event) => (event.shiftKey ? act.skip(-1) : act.step(-1)),
    ArrowRight: (event) => (event.shiftKey ? act.skip(1) : act.step(1)),
    ArrowUp: () => act.faster(1),
    ArrowDown: () => act.faster(-1),
    Home: () => act.seek(0),
    End: () => act.seek(Infinity),
    "+": zoom(1.25),
    "=": zoom(1.25),
    "-": zoom(0.8),
    z: act.wholePicture,
    f: act.full,
    "?": act.help,
  }
  for (const [value, key] of Object.entries(keyOf)) actions[key] = arrange(value)
  if (state.mode === "vote") return actions
  Object.assign(actions, { l: act.loop, u: act.nextRule, n: act.names, "[": () => act.nudge(-1), "]": () => act.nudge(1), 0: () => act.heard("") })
  for (let number = 1; number <= 8; number += 1) actions[number] = () => act.hearNumber(number - 1)
  return actions
}

const listening = new Set()

// Keys work wherever nothing else wants them: on the page itself, and inside the player.
function addKeys(root, state, act) {
  const actions = keyActions(state, act)
  const native = "button, a[href], summary, [role=button], [role=tab], [role=radio], [role=option], input"
  const onkeydown = (event) => {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !(name in actions)) return
    const [target] = event.composedPath()
    const inside = event.composedPath().includes(root)
    if (!inside && listening.size > 1) return
    if (target instanceof Element) {
      if (target.closest("textarea, select, [contenteditable=''], [contenteditable=true], dialog")) return
      if (target.matches("input") && !["range", "checkbox", "radio", "button"].includes(target.type)) return
      if (!inside && target.closest("[role=dialog], [role=menu], [role=listbox], [role=combobox]")) return
      const moment = target.getAttribute("aria-label") === "Moment"
      if (name.length > 1 && !moment && target.matches("input")) return
      if ((name === " " || (name.length > 1 && !inside)) && !moment && target.closest(native)) return
      if (name.startsWith("Arrow") && target.classList.contains("stage") && act.pan(name)) {
        event.preventDefault()
        return
      }
    }
    event.preventDefault()
    if (!event.repeat || name.startsWith("Arrow") || "+-=[]".includes(name)) actions[name](event)
  }
  document.addEventListener("keydown", onkeydown)
  listening.add(root)
  return () => {
    document.removeEventListener("keydown", onkeydown)
    listening.delete(root)
  }
}
