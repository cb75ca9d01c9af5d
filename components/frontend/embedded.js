// @ts-check
// The data of a page in a file. Embedded clips get addresses of their own, in which a video can seek at once.
const source = find("data")
/** @type {unknown} */
const data = JSON.parse(source.textContent ?? "")
source.remove()

/**
 * An element that the page always has.
 * @param {string} id
 */
function find(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id))
}

/**
 * The address of an embedded file's bytes; other addresses stay as they are.
 * @param {string} address
 */
function unpacked(address) {
  const match = /^data:([\w/+.-]+);base64,/.exec(address)
  if (!match) return address
  const text = atob(address.slice(match[0].length))
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return URL.createObjectURL(new Blob([bytes], { type: match[1] }))
}

/** @param {Clip} clip */
function withFiles(clip) {
  return { ...clip, src: unpacked(clip.src), poster: unpacked(clip.poster) }
}
