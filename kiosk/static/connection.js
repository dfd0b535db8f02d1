// When the connection is gone or slow: it is said calmly, what was sent is sent again until it arrives, and what
// was typed stays on this page and nowhere else. The server takes the same answer twice as once. And when the
// sitting has ended elsewhere, this screen goes to the start.
(() => {
  const FIRST_MS = 2000, LONGEST_MS = 15000, SLOW_MS = 4000, PAPER_MS = 60000, CLEAR_MS = 5000, HOLDS_MS = 5000;
  const bar = () => document.querySelector("#connection"); // another language brings another
  if (!bar()) return;
  let lostAt = 0, wait = FIRST_MS, unsent = null, pressed = null, timer = 0, slow = 0, clearing = false;

  const say = (what) => { for (const one of bar().children) one.hidden = one.dataset.said !== what; };
  const sayLost = () => say(Date.now() - lostAt > PAPER_MS ? "paper" : "lost");
  const waits = (source) => source?.matches?.("form, a, button"); // not what asks by itself, again and again

  const arrived = () => {
    clearTimeout(timer);
    [lostAt, wait, unsent] = [0, FIRST_MS, null];
    say("");
  };
  const again = () => {
    clearTimeout(timer);
    if (clearing) return;
    if (!unsent?.isConnected) return arrived();
    if (unsent.matches("form")) unsent.requestSubmit(unsent.contains(pressed) ? pressed : null);
    else unsent.click();
  };
  const lost = (source) => {
    if (clearing) return;
    lostAt ||= Date.now();
    // What waited first is sent first: an answer before the step that was asked for after it.
    if (!unsent?.isConnected) unsent = source;
    sayLost();
    clearTimeout(timer);
    timer = setTimeout(again, wait);
    wait = Math.min(wait * 1.5, LONGEST_MS);
  };

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    clearTimeout(slow);
    if (waits(ctx.sourceElement)) slow = setTimeout(() => lostAt || say("slow"), SLOW_MS);
  });
  document.addEventListener("htmx:finally:request", () => clearTimeout(slow));
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (clearing) return event.preventDefault(); // what was asked for before does not fill the cleared screen
    // Something between us and the server answered in its place: its page would take the place of ours.
    const foreign = ctx.response.status >= 400 && !/id="main"/.test(ctx.text);
    if (foreign) event.preventDefault();
    if (!waits(ctx.sourceElement)) return;
    if (foreign) lost(ctx.sourceElement);
    else arrived();
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => waits(ctx?.sourceElement) && lost(ctx.sourceElement));
  window.addEventListener("offline", () => { lostAt ||= Date.now(); sayLost(); });
  window.addEventListener("online", again);

  // --- the sitting: the desk may have ended it; told along is whether somebody touched the screen since ---
  let touched = false, asking = 0;
  const holds = async () => {
    const here = document.querySelector("#main"), busy = () => document.querySelector(".htmx-request");
    if (!here?.dataset.holds || busy()) return;
    const answer = await fetch(here.dataset.holds + (touched ? "" : "?by_itself")).catch(() => 0);
    if (answer.ok) touched = false;
    // What was sent meanwhile may itself have ended it: its answer says where one goes then.
    else if ([403, 410].includes(answer.status) && here.isConnected && !busy()) location.replace(here.dataset.start);
  };
  const asks = () => { clearInterval(asking); asking = setInterval(holds, HOLDS_MS); };
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(kind, () => { touched = true; }, { passive: true, capture: true });
  document.addEventListener("htmx:after:swap", asks); // first some seconds after each step
  asks();

  // --- the pages to read are pictures, which nobody else sends again ---
  const page = (event) => event.target.matches?.(".leaf img");
  document.addEventListener("error", (event) => {
    if (!page(event)) return;
    lostAt ||= Date.now();
    sayLost();
    setTimeout(() => { event.target.src = event.target.src; }, FIRST_MS);
  }, true);
  for (const one of document.querySelectorAll(".leaf img")) if (one.complete && !one.naturalWidth) one.src = one.src;
  document.addEventListener("load", (event) => page(event) && !unsent && arrived(), true);
  window.addEventListener("pages-missing", () => lostAt ? sayLost() : say("slow"));

  // --- clearing the screen: at once, connection or not; the server ends an idle sitting by its own clock ---
  const clear = async (form) => {
    try {
      const body = new URLSearchParams(new FormData(form));
      await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(10000) });
    } catch {
      lostAt ||= Date.now();
      say("cleared");
      return setTimeout(clear, CLEAR_MS, form);
    }
    location.replace(form.dataset.start);
  };
  document.addEventListener("submit", (event) => {
    pressed = event.submitter;
    if (!event.target.matches("[data-clears]")) return;
    event.preventDefault();
    if (clearing) return;
    clearing = true;
    clearTimeout(timer);
    unsent = null; // nothing of it is sent any more
    document.querySelector("#idle").close();
    document.querySelector("#main").replaceChildren();
    clear(event.target);
  });
})();
