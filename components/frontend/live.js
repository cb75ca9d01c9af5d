// Listens on our WebSocket and tells Python when a run this page shows has changed. One socket per mounted instance.
const sockets = new WeakMap()

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const state = sockets.get(parentElement) ?? { closed: false, pause: 250, socket: null }
  state.watch = new Set(data.runs)
  state.all = data.all
  state.since = data.since
  state.tell = (run) => setTriggerValue("changed", `${run} ${Date.now()}`)
  if (sockets.has(parentElement)) return state.end

  sockets.set(parentElement, state)
  const scheme = location.protocol === "https:" ? "wss" : "ws"
  const open = () => {
    if (state.closed) return
    // The server first tells what has changed since the page was drawn: a run may end before anyone listens.
    const socket = new WebSocket(`${scheme}://${location.host}${data.path}?since=${state.since}`)
    state.socket = socket
    socket.onopen = () => {
      state.pause = 250
    }
    socket.onmessage = (event) => {
      const run = JSON.parse(event.data).runs.find((id) => state.all || state.watch.has(id))
      if (run) state.tell(run)
    }
    socket.onclose = () => {
      state.timer = setTimeout(open, state.pause)
      state.pause = Math.min(state.pause * 2, 8000)
    }
  }
  state.end = () => {
    state.closed = true
    clearTimeout(state.timer)
    if (state.socket) state.socket.close()
    sockets.delete(parentElement)
  }
  open()
  return state.end
}
