// @ts-check
// In the head of every page, before Streamlit: a page that came and cannot connect says why, instead of staying blank.
//
// A proxy often hands on pages and stops what they need: the Host header as the browser sent it, or WebSockets. Then
// Streamlit's own code may not even be loaded. The door says what is wrong with a request that comes from a page.
{
  const PATIENCE = 8000 // milliseconds from the loaded page
  const BLOCKED =
    "This page cannot connect to the app: something between them stops WebSockets. A proxy in front of the app has to " +
    "pass WebSockets on. The page goes on by itself as soon as they get through."
  const SILENT = "The app does not answer. This page goes on by itself when it does."

  const isConnected = () => document.querySelector("[data-testid=stApp][data-test-connection-state=CONNECTED]") !== null

  const ask = async () => {
    try {
      const answer = await fetch("./healthz", { method: "POST" }) // a POST names the page it comes from; it does nothing
      return answer.status === 403 || answer.status === 421 ? await answer.text() : BLOCKED
    } catch {
      return SILENT
    }
  }

  const watch = async () => {
    if (isConnected()) return
    const words = await ask()
    if (isConnected()) return
    const line = document.createElement("p")
    line.setAttribute("role", "alert")
    line.textContent = words
    line.style.cssText =
      "position:fixed;z-index:1000000;top:15vh;left:50%;transform:translateX(-50%);box-sizing:border-box;margin:0;" +
      "width:min(36rem,calc(100vw - 2rem));padding:1rem 1.25rem;border:1px solid #8886;border-radius:0.5rem;" +
      "font:1rem/1.5 system-ui,sans-serif;color:CanvasText;background:Canvas;color-scheme:light dark"
    document.body.append(line)
    const waiting = setInterval(() => {
      if (!isConnected()) return
      clearInterval(waiting)
      line.remove()
    }, 500)
  }

  addEventListener("load", () => setTimeout(watch, PATIENCE))
}
