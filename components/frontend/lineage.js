// @ts-check
// A family tree of runs: each with its picture, below the run that it came of. A click tells Python which one to open.

/** @typedef {{ id: string, parent: string, poster: string, label: string, words: string }} Node_ */

/** @param {StreamlitComponent<{ nodes: Node_[], current: string }>} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const box = /** @type {HTMLElement} */ (parentElement.querySelector(".lineage"))
  const drawn = JSON.stringify(data)
  if (box.dataset.drawn === drawn) return
  box.dataset.drawn = drawn
  const ids = new Set(data.nodes.map((node) => node.id))
  /** @param {string} parent @returns {HTMLUListElement} */
  const list = (parent) => {
    const made = document.createElement("ul")
    for (const node of data.nodes.filter((each) => (ids.has(each.parent) ? each.parent : "") === parent)) {
      const item = document.createElement("li")
      const button = document.createElement("button")
      button.type = "button"
      button.setAttribute("aria-label", node.label)
      if (node.id === data.current) button.setAttribute("aria-current", "true")
      button.onclick = () => setTriggerValue("chosen", node.id)
      if (node.poster) {
        const picture = document.createElement("img")
        picture.src = node.poster
        picture.alt = ""
        picture.loading = "lazy"
        button.append(picture)
      } else {
        const none = document.createElement("span")
        none.className = "none"
        button.append(none)
      }
      const words = document.createElement("span")
      words.textContent = node.words
      button.append(words)
      item.append(button)
      const children = list(node.id)
      if (children.childElementCount) item.append(children)
      made.append(item)
    }
    return made
  }
  box.replaceChildren(list(""))
}
