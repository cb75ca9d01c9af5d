// Streamlit's side: one player per mounted instance, kept between reruns, so that what plays is never interrupted.
const mounted = new WeakMap()

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const old = mounted.get(parentElement)
  if (old && old.mode === data.mode) {
    old.tell = setStateValue
    old.player.update(data)
    return old.end
  }
  if (old) old.end()
  const held = { mode: data.mode, tell: setStateValue }
  held.player = dailiesPlayer(parentElement.querySelector(".player"), data, (name, value) => held.tell(name, value))
  held.end = () => {
    held.player.destroy()
    mounted.delete(parentElement)
  }
  mounted.set(parentElement, held)
  return held.end
}
