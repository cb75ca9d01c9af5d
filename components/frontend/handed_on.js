// The page of a comparison that was handed on: the player, and beside it only what stands in the page.
const shown = document.getElementById("player")
if (data.clips.length) dailiesPlayer(shown, { ...data, clips: data.clips.map(withFiles) })
