// The records that Streamlit and Python hand to the scripts of this folder; read by the type checker alone.

/** What Streamlit calls a component's default export with. */
interface StreamlitComponent<Data> {
  data: Data
  parentElement: HTMLElement | ShadowRoot
  setStateValue(name: string, value: unknown): void
  setTriggerValue(name: string, value: unknown): void
}

/** The data of an exported page. */
type ExportedData = Spec

/** The data of a blind vote in a file; `left` and `right` name clips. */
interface BallotData {
  format: string
  version: number
  comparison: string
  clips: Record<string, Clip>
  questions: { id: string; criterion: string; left: string; right: string }[]
  view: Partial<View>
}

/** The data of the Present page. */
interface Slide {
  title: string
  prompt: string
  spec: Spec
}
