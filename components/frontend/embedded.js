// The page's data, with embedded files turned into addresses that a video element can seek in at once.
const data = JSON.parse(document.getElementById("data").textContent)
document.getElementById("data").remove()

function unpacked(address) {
  const match = /^data:([\w/+.-]+);base64,/.exec(address)
  if (!match) return address
  const text = atob(address.slice(match[0].length))
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return URL.createObjectURL(new Blob([bytes], { type: match[1] }))
}

function withFiles(clip) {
  return { ...clip, src: unpacked(clip.src), poster: unpacked(clip.poster) }
}
