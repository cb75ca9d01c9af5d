// A blind vote in a file: one question after the other, and the answers saved as a small file. Keeps nothing elsewhere.
const find = (id) => document.getElementById(id)
const clips = Object.fromEntries(Object.entries(data.clips).map(([name, clip]) => [name, withFiles(clip)]))
const answers = []
let ballot = ""
let saved = true
let player = null

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function draw() {
  const question = data.questions[answers.length]
  const total = data.questions.length
  find("progress").max = total
  find("progress").value = answers.length
  find("save").disabled = !answers.length
  player?.destroy()
  player = null
  find("asking").hidden = !question
  if (!question) {
    find("count").textContent = `All ${total} answered.`
    find("done").hidden = false
    find("save").classList.add("first")
    find("save").focus()
    return
  }
  find("count").textContent = `Question ${answers.length + 1} of ${total}`
  find("criterion").textContent = question.criterion
  const side = (id, letter, name) => ({ ...clips[name], id, letter })
  const pair = [side("left", "Left", question.left), side("right", "Right", question.right)]
  player = dailiesPlayer(find("player"), { clips: pair, view: { ...data.view, pair: ["left", "right"] }, mode: "vote" })
}

function answer(outcome) {
  const question = data.questions[answers.length]
  if (!question) return
  ballot ||= newId()
  answers.push({ question: question.id, outcome })
  saved = false
  draw()
}

function save() {
  const { format, version, comparison } = data
  const content = { format, version, comparison, ballot, voter: find("voter").value.trim(), answers }
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }))
  link.download = `ballot-${ballot.slice(0, 8)}.json`
  link.click()
  saved = true
  find("said").textContent = "Saved. Send the file back to whoever asked you."
}

for (const button of document.querySelectorAll("[data-outcome]")) {
  button.onclick = (event) => {
    answer(button.dataset.outcome)
    // A clicked button would take the next Space for another answer: it is meant for the player.
    if (event.detail > 0 && player) find("player").focus({ preventScroll: true })
  }
}
find("save").onclick = save

const keys = { a: "left", b: "right", t: "tie", x: "bad" }
document.addEventListener("keydown", (event) => {
  const outcome = keys[event.key.toLowerCase()]
  if (!outcome || event.repeat || event.ctrlKey || event.metaKey || event.altKey || find("asking").hidden) return
  if (event.target.closest("input:not([type=range]), select, textarea, dialog")) return
  event.preventDefault()
  answer(outcome)
})
window.addEventListener("beforeunload", (event) => {
  if (!saved) event.preventDefault()
})
draw()
