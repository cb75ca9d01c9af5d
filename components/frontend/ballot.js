// @ts-check
// A blind vote in a file: one question after another; the answers are saved as a small file and kept nowhere else.
const ballot = /** @type {BallotData} */ (data)
const clips = Object.fromEntries(Object.entries(ballot.clips).map(([name, clip]) => [name, withFiles(clip)]))
const answers = /** @type {{ question: string, outcome: string }[]} */ ([])
const asking = find("asking")
const progress = /** @type {HTMLProgressElement} */ (find("progress"))
const voter = /** @type {HTMLInputElement} */ (find("voter"))
const saving = /** @type {HTMLButtonElement} */ (find("save"))
let ballotId = ""
let saved = true
let asked = /** @type {Player | null} */ (null) // the player of the current question

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function draw() {
  const question = ballot.questions[answers.length]
  const total = ballot.questions.length
  progress.max = total
  progress.value = answers.length
  saving.disabled = !answers.length
  asked?.destroy()
  asked = null
  asking.hidden = !question
  if (!question) {
    find("count").textContent = `All ${total} answered.`
    find("done").hidden = false
    saving.classList.add("first")
    saving.focus()
    return
  }
  find("count").textContent = `Question ${answers.length + 1} of ${total}`
  find("criterion").textContent = question.criterion
  const left = { ...clips[question.left], id: "left", letter: "Left" }
  const right = { ...clips[question.right], id: "right", letter: "Right" }
  const view = { ...ballot.view, pair: ["left", "right"] }
  asked = dailiesPlayer(find("player"), { clips: [left, right], view, mode: "vote" })
}

/** @param {string} outcome */
function answer(outcome) {
  const question = ballot.questions[answers.length]
  if (!question) return
  ballotId ||= newId()
  answers.push({ question: question.id, outcome })
  saved = false
  draw()
}

function save() {
  const { format, version, comparison } = ballot
  const content = { format, version, comparison, ballot: ballotId, voter: voter.value.trim(), answers }
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }))
  link.download = `ballot-${ballotId.slice(0, 8)}.json`
  link.click()
  saved = true
  find("said").textContent = "Saved. Send the file to the person who asked you to vote."
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-outcome]"))) {
  button.onclick = (event) => {
    answer(button.dataset.outcome ?? "")
    // A clicked button would take the next Space as another answer: Space belongs to the player.
    if (event.detail > 0 && asked) find("player").focus({ preventScroll: true })
  }
}
saving.onclick = save

/** @type {Record<string, string>} */
const outcomes = { a: "left", b: "right", t: "tie", x: "bad" }
document.addEventListener("keydown", (event) => {
  const outcome = outcomes[event.key.toLowerCase()]
  if (!outcome || event.repeat || event.ctrlKey || event.metaKey || event.altKey || asking.hidden) return
  const typing = "input:not([type=range]), select, textarea, dialog"
  if (event.target instanceof Element && event.target.closest(typing)) return
  event.preventDefault()
  answer(outcome)
})
window.addEventListener("beforeunload", (event) => {
  if (!saved) event.preventDefault()
})
draw()
