// @ts-check
// A clip that nobody hears is played without its sound track. Measured in Chromium: eight muted clips with sound drift
// apart by tens of milliseconds on a busy machine, because each still keeps time by its own sound; the same clips
// without sound stay within two. The file is read once, and its sound track is renamed to free space, in memory.
const mostBytes = 96 * 1024 * 1024 // larger files are played as they are

/**
 * The address of a copy without sound; null where there is no sound, or where the page may not read the file.
 * @param {string} src
 */
async function silentCopy(src) {
  // A page opened from disk may show the files beside it, but not read them.
  if (location.protocol === "file:" && !/^(data|blob):/.test(src)) return null
  try {
    const answer = await fetch(src)
    if (!answer.ok || Number(answer.headers.get("content-length")) > mostBytes) return null
    const bytes = await answer.arrayBuffer()
    return hideSound(new DataView(bytes)) ? URL.createObjectURL(new Blob([bytes], { type: "video/mp4" })) : null
  } catch {
    return null
  }
}

/**
 * Rename every sound track of an MP4 file to free space, in place; false where there is none.
 * @param {DataView} view
 */
function hideSound(view) {
  let hidden = false
  for (const movie of boxesIn(view, 0, view.byteLength, "moov")) {
    for (const track of boxesIn(view, movie.start, movie.end, "trak")) {
      for (const media of boxesIn(view, track.start, track.end, "mdia")) {
        for (const handler of boxesIn(view, media.start, media.end, "hdlr")) {
          if (typeAt(view, handler.start + 8) !== "soun") continue
          for (let at = 0; at < 4; at += 1) view.setUint8(track.head + 4 + at, "free".charCodeAt(at))
          hidden = true
        }
      }
    }
  }
  return hidden
}

/**
 * The boxes of one type between two positions of an MP4 file: `head` is where a box begins, `start` where its content does.
 * @param {DataView} view
 * @param {number} from
 * @param {number} to
 * @param {string} type
 */
function boxesIn(view, from, to, type) {
  const found = []
  let head = from
  while (head + 8 <= to) {
    const short = view.getUint32(head)
    const long = short === 1 && head + 16 <= to
    const size = long ? Number(view.getBigUint64(head + 8)) : short || to - head
    if (size < 8 || head + size > to) break
    if (typeAt(view, head + 4) === type) found.push({ head, start: head + (long ? 16 : 8), end: head + size })
    head += size
  }
  return found
}

/**
 * @param {DataView} view
 * @param {number} at
 */
function typeAt(view, at) {
  if (at + 4 > view.byteLength) return ""
  return String.fromCharCode(...[0, 1, 2, 3].map((next) => view.getUint8(at + next)))
}
