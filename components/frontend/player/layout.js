// Where pictures stand: the number of columns that makes them largest. Pure; pixels.
// `ratios` are width by height; every picture has a caption of `caption` pixels above it.
function gridOf(ratios, width, height, gap, caption) {
  let best = null
  for (let columns = 1; columns <= ratios.length; columns += 1) {
    const tried = gridWith(columns, ratios, width, height, gap, caption)
    if (!best || tried.area > best.area * 1.001) best = tried
  }
  return best ?? { places: [], height: 0, columns: 0 }
}

function gridWith(columns, ratios, width, height, gap, caption) {
  const room = Math.max(40, (width - gap * (columns - 1)) / columns)
  const rows = []
  for (let at = 0; at < ratios.length; at += columns) rows.push(ratios.slice(at, at + columns))
  const wanted = rows.map((row) => Math.max(...row.map((shape) => room / shape)))
  const allowed = Math.max(40, height - rows.length * caption - gap * (rows.length - 1))
  const level = levelOf(wanted, allowed)
  const tall = wanted.map((one) => Math.min(one, level))
  const sizes = rows.map((row, index) => row.map((shape) => fitted(shape, room, tall[index])))
  const column = Math.max(...sizes.flat().map((size) => size.width))
  const left = (width - column * columns - gap * (columns - 1)) / 2
  const places = []
  let top = 0
  sizes.forEach((row, index) => {
    const deepest = Math.max(...row.map((size) => size.height))
    row.forEach((size, at) => {
      const indent = (column - size.width) / 2
      places.push({ left: left + at * (column + gap) + indent, top: top + (deepest - size.height) / 2, ...size })
    })
    top += deepest + caption + (index < sizes.length - 1 ? gap : 0)
  })
  const area = sizes.flat().reduce((sum, size) => sum + size.width * size.height, 0)
  return { places, height: top, columns, area }
}

// The height that no row passes, so that all rows together have room: a tall shape never takes it from the others.
function levelOf(wanted, allowed) {
  let room = allowed
  const ascending = [...wanted].sort((one, other) => one - other)
  for (const [index, one] of ascending.entries()) {
    const share = room / (ascending.length - index)
    if (one > share) return share
    room -= one
  }
  return Infinity
}

function fitted(shape, width, height) {
  const narrow = Math.min(width, height * shape)
  return { width: narrow, height: narrow / shape }
}

// The region of every picture that is seen: `x` and `y` are its middle in parts of the picture, `scale` 1 is all of it.
function regionWithin({ scale, x, y }) {
  const bounded = Math.max(1, Math.min(16, scale))
  const half = 0.5 / bounded
  const inside = (place) => Math.max(half, Math.min(1 - half, place))
  return { scale: bounded, x: inside(x), y: inside(y) }
}

// Enlarges about a point of the picture box (0 to 1 each way), which stays where it is.
function zoomedAbout(region, scale, point) {
  const bounded = Math.max(1, Math.min(16, scale))
  const stays = 1 / region.scale - 1 / bounded
  const x = region.x + (point.x - 0.5) * stays
  const y = region.y + (point.y - 0.5) * stays
  return regionWithin({ scale: bounded, x, y })
}
