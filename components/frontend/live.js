// @ts-check
// Listens on our WebSocket and tells Python when a run on this page has changed. One socket per mounted instance.

/** @typedef {{ runs: string[], since: number, checks: number, all: boolean, pace: number, path: string }} LiveData */

const KEPT = 500 // runs whose last change is remembered
const REPEAT = 1000 // milliseconds until a wish that nothing came of is repeated; then twice as long, up to 8 s

/** @type {WeakMap<StreamlitComponent<LiveData>["parentElement"], ReturnType<typeof listen>>} */
const listeners = new WeakMap()

/** @param {StreamlitComponent<LiveData>} component */
export default function (component) {
  const { parentElement } = component
  const known = listeners.get(parentElement)
  if (known) {
    known.component = component
    known.drawn()
    return known.end
  }
  const listener = listen(component, () => listeners.delete(parentElement))
  listeners.set(parentElement, listener)
  return listener.end
}

// Streamlit sends changes of one moment in one batch, and reruns only one fragment for it: each listener waits its turn.
const APART = 40 // milliseconds

/** @param {() => void} trigger */
function inTurn(trigger) {
  const shared = /** @type {{ dailiesTurn?: Promise<void> }} */ (/** @type {unknown} */ (window))
  const before = shared.dailiesTurn ?? Promise.resolve()
  shared.dailiesTurn = before.then(() => {
    setTimeout(trigger) // on its own: a trigger that throws must not stop the next one
    return new Promise((resolve) => setTimeout(resolve, APART))
  })
}

/**
 * Keep a socket open until `end` is called; `component` is replaced with every rerun.
 * @param {StreamlitComponent<LiveData>} component
 * @param {() => void} ended
 */
function listen(component, ended) {
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  let socket = /** @type {WebSocket | null} */ (null)
  let closed = false
  let pause = 250 // milliseconds until the next try
  let retry = 0
  // What this page has to be drawn at, at least. Streamlit may drop a wish to rerun a fragment, for example while a whole
  // page is drawn; so the wish is repeated until the page has been drawn late enough.
  let wanted = { since: 0, checks: 0 }
  // What was told and is not drawn yet, of every run: one may stand in a drawing that is still on its way to this page,
  // and nothing more may change about it.
  /** @type {Map<string, { since: number, checks: number }>} */
  const told = new Map()
  let repeat = 0
  let patience = REPEAT
  let asked = 0 // when the last wish was sent
  let paced = 0
  const isDrawn = () => {
    const { since, checks } = listener.component.data
    return since >= wanted.since && checks >= wanted.checks
  }
  const ask = () => {
    asked = Date.now()
    inTurn(() => {
      if (!closed) listener.component.setTriggerValue("changed", `${wanted.since} ${Date.now()}`)
    })
    clearTimeout(repeat)
    repeat = setTimeout(() => {
      if (closed || isDrawn()) return
      patience = Math.min(patience * 2, 8000)
      ask()
    }, Math.max(patience, listener.component.data.pace ?? 0))
  }
  // Ask for a drawing if something was told about what this page shows, and none that covers it was asked for.
  const look = () => {
    const { data } = listener.component
    let { since, checks } = wanted
    for (const [run, news] of told) {
      if (data.since >= news.since && data.checks >= news.checks) told.delete(run)
      else if (data.all || data.runs.includes(run)) {
        since = Math.max(since, news.since)
        checks = Math.max(checks, news.checks)
      }
    }
    if (since === wanted.since && checks === wanted.checks) return
    wanted = { since, checks }
    patience = REPEAT
    clearTimeout(paced)
    clearTimeout(repeat) // what is asked for next is newer
    const rest = asked + (data.pace ?? 0) - Date.now()
    if (rest > 0) paced = setTimeout(ask, rest)
    else ask()
  }
  const listener = {
    component,
    drawn: () => {
      if (isDrawn()) clearTimeout(repeat)
      look()
    },
    end: () => {
      closed = true
      clearTimeout(repeat)
      clearTimeout(paced)
      clearTimeout(retry)
      socket?.close()
      ended()
    },
  }
  const open = () => {
    if (closed) return
    const { path, since, checks } = listener.component.data
    // The server first tells what has changed since the page was drawn: a run may end before anyone listens.
    socket = new WebSocket(`${scheme}://${location.host}${path}?since=${since}&checks=${checks}`)
    socket.onopen = () => {
      pause = 250
      // The server may be another one, which counts anew; it tells all that this page has not drawn.
      told.clear()
      wanted = { since: 0, checks: 0 }
      clearTimeout(repeat)
    }
    socket.onmessage = (event) => {
      /** @type {{ runs: string[], since: number, checks: number }} */
      const { runs, since, checks } = JSON.parse(event.data)
      for (const run of runs) {
        told.delete(run) // to stand last: the first are forgotten first
        told.set(run, { since, checks })
      }
      for (const run of told.keys()) {
        if (told.size <= KEPT) break
        told.delete(run)
      }
      look()
    }
    socket.onclose = async () => {
      if (closed) return
      // Signed out in another tab: this one asks for sign-in too, instead of showing what it still has.
      const answer = await fetch(path).catch(() => null)
      if (answer?.status === 401) return location.reload()
      if (closed) return
      retry = setTimeout(open, pause)
      pause = Math.min(pause * 2, 8000)
    }
  }
  open()
  return listener
}
