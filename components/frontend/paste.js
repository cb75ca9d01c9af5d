// @ts-check
// Files that are pasted anywhere on the page go into the first upload field that takes them, as if they were dropped.

/** @param {StreamlitComponent<{}>} component */
export default function ({ parentElement }) {
  const said = /** @type {HTMLElement} */ (parentElement.querySelector(".said"))
  /** @param {ClipboardEvent} event */
  const paste = async (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (!files.length) return // words go where the cursor is
    const field = event.target instanceof Element && event.target.closest("textarea, input, [contenteditable]")
    if (field && event.clipboardData?.getData("text/plain")) return // a table or a text that brings a picture along
    event.preventDefault()
    await rest() // a field that is being drawn anew may be gone in a moment, and the file with it
    for (const input of document.querySelectorAll('[data-testid="stMain"] [data-testid="stFileUploader"] input[type="file"]')) {
      if (!(input instanceof HTMLInputElement) || input.disabled) continue
      const taken = files.filter((file) => accepts(input, file)).slice(0, input.multiple ? undefined : 1)
      if (!taken.length) continue
      const carried = new DataTransfer()
      for (const file of taken) carried.items.add(file)
      input.files = carried.files
      input.dispatchEvent(new Event("change", { bubbles: true }))
      said.textContent = taken.length < files.length ? `${taken.length} of ${files.length} pasted files were taken.` : ""
      return
    }
    said.textContent = "This form has no free place for what was pasted. Remove or replace something first."
  }
  document.addEventListener("paste", paste)
  return () => document.removeEventListener("paste", paste)
}

/** Wait until the page is drawn, five seconds at most. */
async function rest() {
  const drawn = () => document.querySelector('[data-testid="stApp"]')?.getAttribute("data-test-script-state") === "notRunning"
  for (let tries = 0; tries < 100 && !drawn(); tries++) await new Promise((done) => setTimeout(done, 50))
}

/**
 * @param {HTMLInputElement} input
 * @param {File} file
 */
function accepts(input, file) {
  const kinds = input.accept.split(",").map((kind) => kind.trim().toLowerCase())
  const name = file.name.toLowerCase()
  return kinds.some((kind) => (kind.startsWith(".") ? name.endsWith(kind) : kind.endsWith("/*") ? file.type.startsWith(kind.slice(0, -1)) : kind === file.type))
}
