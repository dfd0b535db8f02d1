// Leaves nothing behind in the browser: no page comes back from its cache, no words go to the clipboard.
(() => {
  const wipe = () => {
    for (const field of document.querySelectorAll("main input:not([type=hidden]), main textarea")) {
      if (field.matches("[type=radio], [type=checkbox]")) field.checked = false;
      else field.value = "";
    }
  };
  addEventListener("pagehide", wipe);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.body.replaceChildren();
    location.reload(); // the server says what may be seen now
  });
  // htmx would keep the page that was left one step back in the history, where the next person finds its address.
  document.addEventListener("htmx:after:request", (event) => {
    const to = event.detail.ctx.hx.redirect;
    if (!to) return;
    event.preventDefault();
    location.replace(to);
  });
  for (const kind of ["copy", "cut", "dragstart", "contextmenu"]) addEventListener(kind, (event) => event.preventDefault());
})();
