// @ts-check
// The support matrix as a real table. A click on a cell tells Python the chosen family and mode.
const glyphs = { supported: "●", partial: "◐", upstream: "◇", discouraged: "⊘" }

/**
 * @typedef {{ support: keyof typeof glyphs, word: string, about: string, mode: string | null,
 *   column: string }} Cell
 * @typedef {{ family: string, title: string, cells: (Cell | null)[], models: string, allModels: string }} Row
 */

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} [properties]
 * @param {...Node} children
 */
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** @param {StreamlitComponent<{ columns: string[], rows: Row[] }>} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const choose = (/** @type {string} */ family, /** @type {string | null} */ mode) => setTriggerValue("chosen", { family, mode })

  const heads = data.columns.map((title) => element("th", { scope: "col", textContent: title }))
  const head = element("tr", {}, element("th", { scope: "col", textContent: "Family" }), ...heads)
  head.append(element("th", { scope: "col", textContent: "Models", className: "models" }))

  const rows = data.rows.map((row) => {
    const name = element("button", { className: "name", textContent: row.title, type: "button" })
    name.onclick = () => choose(row.family, null)
    const cells = row.cells.map((cell) => {
      if (!cell) return element("td", { className: "none" }, element("span", { textContent: "–", title: "Not documented" }))
      const glyph = element("span", { className: "glyph", textContent: glyphs[cell.support] })
      glyph.setAttribute("aria-hidden", "true")
      const content = [glyph, element("span", { textContent: cell.word })]
      const tip = element("span", { className: "tip", role: "tooltip", textContent: cell.about })
      if (!cell.mode) {
        const fact = element("span", { className: `cell ${cell.support}`, tabIndex: 0 }, ...content, tip)
        fact.setAttribute("aria-label", `${row.title}, ${cell.column}: ${cell.word}. ${cell.about}`)
        return element("td", {}, fact)
      }
      const button = element("button", { className: `cell ${cell.support}`, type: "button" }, ...content, tip)
      button.setAttribute("aria-label", `${row.title}, ${cell.column}: ${cell.word}. ${cell.about}`)
      button.onclick = () => choose(row.family, cell.mode)
      return element("td", {}, button)
    })
    const models = element("td", { className: "models", textContent: row.models, title: row.allModels })
    return element("tr", {}, element("th", { scope: "row" }, name), ...cells, models)
  })

  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows))
  const frame = /** @type {HTMLElement} */ (parentElement.querySelector(".frame"))
  // Redrawing would take the focus from a keyboard user; the data changes only with the catalog.
  const drawn = JSON.stringify(data)
  if (frame.dataset.drawn === drawn) return
  frame.dataset.drawn = drawn
  frame.replaceChildren(table)
}
