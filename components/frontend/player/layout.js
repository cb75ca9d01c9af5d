// @ts-check
// Where the pictures stand, and which part of them is visible. Pure; pixels.
const mostZoom = 16

/**
 * The grid whose number of columns makes the pictures largest.
 * @param {number[]} ratios width by height of every picture
 * @param {number} width
 * @param {number} height
 * @param {number} gap
 * @param {number} caption the height of the caption above every picture
 * @returns {Grid}
 */
function gridOf(ratios, width, height, gap, caption) {
  let best = null
  for (let columns = 1; columns <= ratios.length; columns += 1) {
    const tried = gridWith(columns, ratios, width, height, gap, caption)
    if (!best || tried.area > best.area * 1.001) best = tried
  }
  return best ?? { places: [], height: 0, columns: 0, area: 0 }
}

/**
 * @param {number} columns
 * @param {number[]} ratios
 * @param {number} width
 * @param {number} height
 * @param {number} gap
 * @param {number} caption
 * @returns {Grid}
 */
function gridWith(columns, ratios, width, height, gap, caption) {
  const room = Math.max(40, (width - gap * (columns - 1)) / columns)
  const rows = []
  for (let at = 0; at < ratios.length; at += columns) rows.push(ratios.slice(at, at + columns))
  const wanted = rows.map((row) => Math.max(...row.map((ratio) => room / ratio)))
  const allowed = Math.max(40, height - rows.length * caption - gap * (rows.length - 1))
  const limit = rowLimit(wanted, allowed)
  const sizes = rows.map((row, index) => row.map((ratio) => fit(ratio, room, Math.min(wanted[index], limit))))
  const column = Math.max(...sizes.flat().map((size) => size.width))
  const left = (width - column * columns - gap * (columns - 1)) / 2
  /** @type {Box[]} */
  const places = []
  let top = 0
  sizes.forEach((row, index) => {
    const tallest = Math.max(...row.map((size) => size.height))
    row.forEach((size, at) => {
      const indent = (column - size.width) / 2
      places.push({ left: left + at * (column + gap) + indent, top: top + (tallest - size.height) / 2, ...size })
    })
    top += tallest + caption + (index < sizes.length - 1 ? gap : 0)
  })
  const area = sizes.flat().reduce((sum, size) => sum + size.width * size.height, 0)
  return { places, height: top, columns, area }
}

/**
 * The height that no row may exceed, so that all rows fit together. A tall row takes no room from the others.
 * @param {number[]} wanted the height that each row would like
 * @param {number} allowed the height of all rows together
 */
function rowLimit(wanted, allowed) {
  let room = allowed
  const ascending = [...wanted].sort((one, other) => one - other)
  for (const [index, one] of ascending.entries()) {
    const share = room / (ascending.length - index)
    if (one > share) return share
    room -= one
  }
  return Infinity
}

/**
 * The largest size of this ratio within a box.
 * @param {number} ratio
 * @param {number} width
 * @param {number} height
 * @returns {Size}
 */
function fit(ratio, width, height) {
  const narrow = Math.min(width, height * ratio)
  return { width: narrow, height: narrow / ratio }
}

/**
 * The nearest region that stays within the picture.
 * @param {Region} region
 * @returns {Region}
 */
function clampRegion({ scale, x, y }) {
  const bounded = Math.max(1, Math.min(mostZoom, scale))
  const half = 0.5 / bounded
  const inside = (/** @type {number} */ place) => Math.max(half, Math.min(1 - half, place))
  return { scale: bounded, x: inside(x), y: inside(y) }
}

/**
 * Zoom about a point, which stays where it is.
 * @param {Region} region
 * @param {number} scale
 * @param {Point} point in parts of the box that shows the picture
 * @returns {Region}
 */
function zoomAbout(region, scale, point) {
  const bounded = Math.max(1, Math.min(mostZoom, scale))
  const stays = 1 / region.scale - 1 / bounded
  const x = region.x + (point.x - 0.5) * stays
  const y = region.y + (point.y - 0.5) * stays
  return clampRegion({ scale: bounded, x, y })
}
