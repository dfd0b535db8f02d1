// The tablet's own script: the signature pad, the idle question, larger text and contrast.
// Nothing is kept anywhere but in this page's memory; every page works without it.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const $ = (selector) => document.querySelector(selector);
  const main = () => $("#main");

  // --- the signature pad: the strokes as drawn and the size they were drawn at are kept, a copy is shown ---
  let pad = null, canvas = null, drawn = [], at = null, field = null;

  const size = () => ({ width: canvas.offsetWidth, height: canvas.offsetHeight });
  const scaled = (strokes, k) =>
    strokes.map((stroke) => ({ ...stroke, points: stroke.points.map((p) => ({ ...p, x: p.x * k, y: p.y * k })) }));

  const redraw = () => {
    const { width, height } = size();
    if (!width) return; // hidden: another way to sign is chosen
    const ratio = Math.max(devicePixelRatio || 1, 1);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.getContext("2d").scale(ratio, ratio);
    const k = at ? Math.min(width / at.width, height / at.height) : 1;
    pad.fromData(scaled(drawn, k));
  };

  const keep = () => {
    // What was added now is in the present size: bring it to the size of the first stroke.
    const now = size();
    at ||= now;
    const k = Math.min(now.width / at.width, now.height / at.height);
    drawn = drawn.concat(scaled(structuredClone(pad.toData().slice(drawn.length)), 1 / k));
    const start = drawn[0].points[0].time;
    const strokes = drawn.map((stroke) => stroke.points.map((p) => [p.x, p.y, p.time - start, p.pressure].map((v) => Math.round(v * 100) / 100)));
    field.value = JSON.stringify({ ...at, strokes });
  };

  // What was drawn before this page came again: its times begin at 0, and what is added now goes on from there.
  const restore = () => {
    if (!field.value) return;
    const { strokes, ...size } = JSON.parse(field.value);
    const since = Date.now() - strokes.at(-1).at(-1)[2];
    drawn = strokes.map((stroke) => ({ points: stroke.map(([x, y, time, pressure]) => ({ x, y, time: since + time, pressure })) }));
    at = size;
  };

  const clear = () => {
    drawn = [];
    at = null;
    if (pad) pad.clear();
    if (field) field.value = "";
  };

  const leave = () => {
    if (!pad) return;
    clear();
    pad.off();
    watcher.disconnect();
    pad = canvas = field = null;
  };

  const watcher = new ResizeObserver(() => pad && redraw());

  const prepare = async () => {
    const found = $(".pad canvas");
    if (!found || found === canvas) return;
    // Only who comes to sign loads the pad's script.
    await import(found.dataset.script);
    if (!found.isConnected || found === canvas) return;
    leave();
    canvas = found;
    field = $("[name=strokes]");
    restore();
    pad = new SignaturePad(canvas, { penColor: "#14233a", minWidth: 1.1, maxWidth: 3.4 });
    pad.addEventListener("endStroke", keep);
    $("[data-test=clear-signature]").addEventListener("click", clear);
    watcher.observe(canvas);
    canvas.dataset.ready = "";
  };

  // --- the idle question: asked, then the screen is cleared; the server does the same by its own clock ---
  // Asked for each time: another language brings another.
  const question = () => $("#idle");
  let seen = Date.now(), said = 0;

  const stir = () => { if (!question().open) seen = Date.now(); };

  const tick = () => {
    const idle = question();
    const askAfter = Number(idle.dataset.ask), clearAfter = Number(idle.dataset.clear);
    if (main()?.matches(".bare")) { seen = Date.now(); if (idle.open) idle.close(); return; }
    const away = (Date.now() - seen) / 1000;
    if (away >= clearAfter) return void $("#idle [data-clears]").requestSubmit();
    if (away < askAfter) return;
    const left = Math.ceil(clearAfter - away);
    $("[data-idle-left]").textContent = left;
    // Seen each second; heard when it is asked and as it runs out, so that a reader is not interrupted.
    const moment = [10, 30].find((one) => left <= one) || clearAfter;
    if (idle.open && moment === said) return;
    said = moment;
    if (!idle.open) idle.showModal();
    $("[data-idle-said]").textContent = $("#idle-words").textContent;
  };

  // --- the end: a fresh document, so that nothing of the last person is left in memory ---
  const afresh = () => {
    const { fresh, after } = main()?.dataset || {};
    if (!fresh) return;
    const here = main();
    setTimeout(() => here.isConnected && location.replace(fresh), Number(after) * 1000);
  };

  // Nothing is asked: who is checked in goes, and the screen clears by itself; whoever touches it stays.
  const leaveSoon = () => {
    const here = main(), after = Number(here?.dataset.endsAfter);
    if (!after) return;
    const since = Date.now();
    setTimeout(() => here.isConnected && seen < since + 500 && $("#page-form").requestSubmit(), after * 1000);
  };

  document.addEventListener("click", (event) => {
    const helper = event.target.closest("[data-helper][aria-pressed]");
    if (helper) helper.setAttribute("aria-pressed", root.classList.toggle(helper.dataset.helper));
    // Nobody says that they have read a page that is not there yet.
    if (event.target.closest("[data-has-read]") && !pagesAreHere()) {
      event.preventDefault();
      event.stopPropagation();
      dispatchEvent(new Event("pages-missing"));
    }
    const done = event.target.closest("[data-fresh-now]");
    if (done) { event.preventDefault(); location.replace(done.href); }
    // The address of a field is not an address of the page: no history for the links of a summary.
    const link = event.target.closest(".problem-summary a");
    if (link) {
      event.preventDefault();
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const input = field?.querySelector("input:not([type=hidden]), textarea") || field;
      if (!input) return;
      if (input === field) input.tabIndex = -1;
      input.focus();
      input.scrollIntoView({ block: "center" });
    }
  }, true);

  const helpers = () => {
    if (!("popover" in HTMLElement.prototype)) for (const one of document.querySelectorAll("#helpers, [popovertarget]")) one.remove();
    for (const one of document.querySelectorAll("[data-helper][aria-pressed]")) one.setAttribute("aria-pressed", root.classList.contains(one.dataset.helper));
  };

  const pagesAreHere = () => [...document.querySelectorAll(".leaf img")].every((one) => one.complete && one.naturalWidth);

  const arrived = () => {
    helpers();
    root.lang = main()?.lang || root.lang;
    root.dir = main()?.dir || root.dir;
    if (!$(".pad canvas")) leave();
    prepare();
    afresh();
    leaveSoon();
  };

  document.addEventListener("htmx:after:swap", arrived);
  document.addEventListener("htmx:after:process", prepare);
  if (question()) {
    for (const kind of ["pointerdown", "keydown", "input", "scroll"]) document.addEventListener(kind, stir, { passive: true, capture: true });
    document.addEventListener("close", stir, true); // of the idle question
    setInterval(tick, 1000);
  }
  arrived();
})();
