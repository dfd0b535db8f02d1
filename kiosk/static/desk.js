// The desk's own script: keys for confirming, dropped files with their progress, counts on the side bar.
// Every page works without it.
(() => {
  document.documentElement.classList.add("js");
  const $ = (selector) => document.querySelector(selector);

  // --- confirming by keys: each button says which key it listens to ---
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const wanted = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const button = [...document.querySelectorAll("#main [data-key]")].find((one) => one.dataset.key === wanted);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // --- files: dropping fills the input, sending shows how far it is ---
  const send = (form) => {
    const bar = form.querySelector("progress"), request = new XMLHttpRequest();
    form.dataset.sending = "";
    bar.hidden = false;
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Request-Type", "partial");
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; };
    request.onload = () => {
      const elsewhere = request.getResponseHeader("HX-Redirect");
      if (elsewhere) location.assign(elsewhere);
      else htmx.swap({ text: request.responseText, target: $("#main"), sourceElement: document.body, swap: "outerHTML show:top" });
    };
    request.onerror = () => {
      delete form.dataset.sending;
      bar.hidden = true;
      form.querySelector("[data-drop-hint]").textContent = "No connection just now. Nothing was taken in. Try again in a moment.";
    };
    request.send(new FormData(form));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form) return;
    event.preventDefault();
    if (!("sending" in form.dataset)) send(form);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-upload] [type=file]") && event.target.files.length) event.target.form.requestSubmit();
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = $("[data-upload]");
      if (!form) return;
      event.preventDefault(); // a file dropped beside the field is not opened in its place
      const over = form.contains(event.target);
      form.classList.toggle("over", over && name === "dragover");
      if (name !== "drop" || !over || !event.dataTransfer.files.length) return;
      form.querySelector("[type=file]").files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }

  // --- what was swapped says how much waits in each room ---
  const count = (link, number) => {
    let badge = link.querySelector(".count");
    if (!number) return badge && badge.remove();
    if (!badge) {
      const before = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ": " });
      badge = Object.assign(document.createElement("span"), { className: "count" });
      badge.append(before, "");
      link.append(badge);
    }
    badge.lastChild.data = number;
  };
  const settled = () => {
    const main = $("#main[data-counts]");
    if (main) for (const room of ["scans", "confirm", "shred"]) {
      const link = $(`[data-test=nav-${room}]`);
      if (link) count(link, Number(main.dataset[room]));
    }
    const now = $(".values .now");
    const list = now && now.closest(".values");
    if (list) list.scrollTop = now.offsetTop - list.clientHeight / 3;
  };
  document.addEventListener("htmx:after:swap", settled);
  document.addEventListener("load", settled, true); // also when a crop has come, and made room or taken it

  // --- what takes seconds to make says so; the PDF comes in a tab of its own, of which this page hears nothing ---
  const MAKING_MS = 20_000;
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("[data-making]");
    if (!button || event.defaultPrevented) return;
    const words = button.querySelector("span"), before = words.textContent;
    button.disabled = true;
    words.textContent = button.dataset.making;
    setTimeout(() => { button.disabled = false; words.textContent = before; }, MAKING_MS);
  });

  // --- back from a tab that printed something: show what that changed ---
  let opened = false;
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-opens]")) opened = true; });
  document.addEventListener("visibilitychange", () => {
    const main = $("#main[data-fresh]");
    if (document.hidden || !opened || !main) return;
    opened = false;
    htmx.ajax("GET", main.dataset.fresh, { target: "#main", swap: "outerHTML" });
  });
})();
