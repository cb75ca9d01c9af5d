// @ts-check
// In the head of every page: runs the code that the page will draw with while the browser waits for the server.
//
// Streamlit runs the code of a kind of element once the first of the kind is to be drawn, leaves the place empty until
// then, and draws it all again. It finds the code here in the state that it would have brought it to.

// Not before the page is up and has asked the server: nothing is gained by making that wait.
addEventListener("DOMContentLoaded", () => {
  setTimeout(() => {
    for (const link of /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[rel=modulepreload]"))) {
      import(link.href).catch(() => {}) // Streamlit tells of what is missing
    }
  })
})
