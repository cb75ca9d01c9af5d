// @ts-check
// Streamlit's side: one player per mounted instance, kept between reruns, so that what plays is never interrupted.

/** @typedef {{ mode: Mode | undefined, tell: StreamlitComponent<[Spec]>["setStateValue"], player: Player, end: () => void }} Held */

/** @type {WeakMap<StreamlitComponent<[Spec]>["parentElement"], Held>} */
const mounted = new WeakMap()

/** @param {StreamlitComponent<[Spec]>} component */
export default function (component) {
  const { parentElement, setStateValue } = component
  const [data] = component.data
  const old = mounted.get(parentElement)
  if (old && old.mode === data.mode) {
    old.tell = setStateValue
    old.player.update(data)
    return old.end
  }
  if (old) old.end()
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".player"))
  /** @type {Held} */
  const held = {
    mode: data.mode,
    tell: setStateValue,
    player: dailiesPlayer(root, data, (name, value) => held.tell(name, value)),
    end: () => {
      held.player.destroy()
      mounted.delete(parentElement)
    },
  }
  mounted.set(parentElement, held)
  return held.end
}
