// @ts-check
// The keyboard: what every key does, the list that says so, and which keys are left to other elements.

/** @type {Record<Arrangement, string>} */
const keyOf = { grid: "g", wipe: "w", blink: "k", difference: "d" }

const keyHelp = [
  ["Space", "play or pause"],
  ["← →", "previous or next frame"],
  ["Shift ← →", "one second back or forward"],
  ["Home End", "go to the start or the end"],
  ["↑ ↓", "faster or slower"],
  ["1 – 8, 0", "sound from this clip, or none", "full"],
  ["G W K D", "grid, wipe, blink, difference"],
  ["K again", "show the other clip"],
  ["L", "loop on or off", "full"],
  ["U", "next rule for shorter clips", "full"],
  ["N", "show or hide names", "full"],
  ["[ ]", "shift the selected clip one frame earlier or later", "full"],
  ["+ − Z", "zoom in, zoom out, reset zoom"],
  ["F", "full screen"],
  ["?", "this list"],
]

/** @param {Mode} mode */
function makeHelp(mode) {
  const rows = keyHelp.filter(([, , only]) => !only || mode !== "vote")
  const list = make("dl", {}, ...rows.flatMap(([keys, what]) => [make("dt", { textContent: keys }), make("dd", { textContent: what })]))
  const dialog = make("dialog", { className: "help", "aria-label": "Keyboard shortcuts" })
  dialog.append(make("h2", { textContent: "Keyboard shortcuts" }), list, button("Close (Esc)", "Close", () => dialog.close()))
  dialog.onclick = (event) => event.target === dialog && dialog.close()
  return dialog
}

/**
 * What every key does, by its name in lower case.
 * @param {State} state
 * @param {Actions} act
 */
function keyActions(state, act) {
  const arrange = (/** @type {Arrangement} */ value) => () =>
    value === "blink" && state.arrangement() === "blink" ? act.swap() : act.arrange(value)
  const zoom = (/** @type {number} */ factor) => () =>
    act.region(zoomAbout(state.region, state.region.scale * factor, { x: 0.5, y: 0.5 }))
  /** @type {Record<string, (event: KeyboardEvent) => void>} */
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
    [keyOf.grid]: arrange("grid"),
    [keyOf.wipe]: arrange("wipe"),
    [keyOf.blink]: arrange("blink"),
    [keyOf.difference]: arrange("difference"),
  }
  if (state.mode === "vote") return actions
  Object.assign(actions, { l: act.loop, u: act.nextRule, n: act.names, "[": () => act.nudge(-1), "]": () => act.nudge(1), 0: () => act.heard("") })
  for (let number = 1; number <= 8; number += 1) actions[number] = () => act.hearNumber(number - 1)
  return actions
}

/** @type {Set<HTMLElement>} */
const listening = new Set()

/**
 * Listen for keys wherever nothing else wants them: on the page itself, and inside the player. Returns the end of it.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Actions} act
 */
function addKeys(root, state, act) {
  const actions = keyActions(state, act)
  const native = "button, a[href], summary, [role=button], [role=tab], [role=radio], [role=option], input"
  const onkeydown = (/** @type {KeyboardEvent} */ event) => {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !(name in actions)) return
    const [target] = event.composedPath()
    const inside = event.composedPath().includes(root)
    if (!inside && listening.size > 1) return
    if (target instanceof Element) {
      if (target.closest("textarea, select, [contenteditable=''], [contenteditable=true], dialog")) return
      if (target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type)) return
      if (!inside && target.closest("[role=dialog], [role=menu], [role=listbox], [role=combobox]")) return
      const position = target.getAttribute("aria-label") === "Position"
      if (name.length > 1 && !position && target.matches("input")) return
      if ((name === " " || (name.length > 1 && !inside)) && !position && target.closest(native)) return
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
