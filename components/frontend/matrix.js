// @ts-check
// The support matrix as a real table. A click on a cell tells Python the chosen family and mode.
const glyphs = { supported: "●", partial: "◐", group: "○", upstream: "◇", discouraged: "⊘" }

/**
 * @typedef {{ support: keyof typeof glyphs, word: string, about: string, mode: string | null,
 *   column: string, seen: { mark: string, about: string, disputed: string } | null }} Cell
 * @typedef {{ state: string, word: string, about: string }} Life
 * @typedef {{ family: string, title: string, life: Life | null, cells: (Cell | null)[], models: string, allModels: string,
 *   folded: boolean }} Row
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

const gap = 2
const edge = 8

/**
 * Put a cell's tooltip below the cell, or above it near the bottom, always inside the window.
 * @param {HTMLElement} cell
 * @param {HTMLElement} tip
 */
const place = (cell, tip) => {
  const box = cell.getBoundingClientRect()
  const fits = box.bottom + gap + tip.offsetHeight < innerHeight
  tip.style.top = `${fits ? box.bottom + gap : box.top - gap - tip.offsetHeight}px`
  tip.style.left = `${Math.max(edge, Math.min(box.left, innerWidth - edge - tip.offsetWidth))}px`
}

/**
 * One row in place of the families of which only the group is documented.
 * @param {{ row: Row, line: HTMLElement }[]} folded
 * @param {number} wide
 */
function fold(folded, wide) {
  const names = folded.map(({ row }) => row.title).join(", ")
  const glyph = element("span", { className: "glyph", textContent: glyphs.group })
  glyph.setAttribute("aria-hidden", "true")
  const words = element("span", { textContent: `Named only as a group: ${names}` })
  const toggle = element("button", { type: "button", className: "fold group" }, glyph, words)
  toggle.setAttribute("aria-expanded", "false")
  toggle.onclick = () => {
    const open = toggle.getAttribute("aria-expanded") !== "true"
    toggle.setAttribute("aria-expanded", String(open))
    for (const { line } of folded) line.hidden = !open
  }
  return element("tr", {}, element("td", { colSpan: wide }, toggle))
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
      const about = cell.seen ? `${cell.about} ${cell.seen.about}` : cell.about
      const tip = element("span", { className: "tip", role: "tooltip", textContent: about })
      const shown = cell.mode
        ? element("button", { className: `cell ${cell.support}`, type: "button" }, ...content, tip)
        : element("span", { className: `cell ${cell.support}`, tabIndex: 0 }, ...content, tip)
      shown.setAttribute("aria-label", `${row.title}, ${cell.column}: ${cell.word}. ${about}`)
      shown.onmouseenter = shown.onfocus = () => place(shown, tip)
      if (cell.mode) shown.onclick = () => choose(row.family, cell.mode)
      if (!cell.seen) return element("td", {}, shown)
      const seen = element("span", { className: "seen", textContent: cell.seen.mark })
      if (cell.seen.disputed) seen.append(element("span", { className: "disputed", textContent: cell.seen.disputed }))
      seen.setAttribute("aria-hidden", "true")
      return element("td", {}, shown, seen)
    })
    const models = element("td", { className: "models", textContent: row.models, title: row.allModels })
    const first = element("th", { scope: "row" }, name)
    if (row.life) {
      const tip = element("span", { className: "tip", role: "tooltip", textContent: row.life.about })
      const badge = element("span", { className: `life ${row.life.state}`, tabIndex: 0, textContent: row.life.word }, tip)
      badge.setAttribute("aria-label", `${row.title}: ${row.life.word}. ${row.life.about}`)
      badge.onmouseenter = badge.onfocus = () => place(badge, tip)
      first.append(badge)
    }
    const made = element("tr", {}, first, ...cells, models)
    made.hidden = row.folded
    return made
  })

  const folded = data.rows.map((row, at) => ({ row, line: rows[at] })).filter(({ row }) => row.folded)
  if (folded.length) rows.splice(rows.indexOf(folded[0].line), 0, fold(folded, data.columns.length + 2))
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows))
  const frame = /** @type {HTMLElement} */ (parentElement.querySelector(".frame"))
  // Redrawing would take the focus from a keyboard user; the data changes only with the catalog.
  const drawn = JSON.stringify(data)
  if (frame.dataset.drawn === drawn) return
  frame.dataset.drawn = drawn
  frame.replaceChildren(table)
}
