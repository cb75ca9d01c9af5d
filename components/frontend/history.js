// @ts-check
// In the head of every page, before Streamlit: an address that a page completes by itself is no step of its own.
//
// A family's page writes its model and its mode into its address. Streamlit pushes every change of an address, often
// before that of the path, so that the way back led over the same page three times.
{
  let touched = false // whether anything was pressed since the path changed
  let changed = false // whether the address changed since then, without its path
  const press = () => {
    touched = true
    changed = false
  }
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, press, true)
  addEventListener("popstate", () => (touched = changed = false))
  const push = history.pushState.bind(history)
  history.pushState = (state, unused, url) => {
    const here = new URL(url ?? "", location.href).pathname === location.pathname
    const completes = here ? !touched : changed
    if (here) changed = true
    else touched = changed = false
    if (completes) history.replaceState(state, unused, url)
    else push(state, unused, url)
  }
}
