// @ts-check
// An exported comparison: the player, and around it only what the page holds.
const exported = /** @type {ExportedData} */ (data)
if (exported.clips.length) dailiesPlayer(find("player"), { ...exported, clips: exported.clips.map(withFiles) })
