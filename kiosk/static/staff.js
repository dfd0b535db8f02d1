// A screen of staff locks by itself: who has not touched it for as long as the server waits is asked for a PIN.
// Each page goes by its own clock, and hears from every other page of this browser when somebody touches that one.
// The server goes by what it is asked, so a page that is touched tells it, at most once a minute.
(() => {
  const { locksAfter, here } = document.currentScript.dataset;
  const after = Number(locksAfter) * 1000, often = Math.min(60000, after / 2);
  const others = new BroadcastChannel("touched");
  let seen = Date.now(), told = seen, untold = false;

  const looks = () => {
    if (Date.now() - seen < after) return true;
    location.replace("/who");
    return false;
  };
  const touched = () => {
    if (!looks()) return; // the first touch of a computer that slept comes too late
    if (Date.now() - seen > 1000) others.postMessage("");
    seen = Date.now();
    untold = true;
  };
  others.onmessage = () => { if (looks()) seen = Date.now(); };

  // Also the last touch of a minute is told: else the server would lock before the page does.
  const tell = () => {
    if (!untold || Date.now() - told < often) return;
    told = Date.now();
    untold = false;
    const token = document.querySelector("[name=csrf_token]")?.value;
    fetch(here, { method: "POST", body: new URLSearchParams({ csrf_token: token }) }).catch(() => {});
  };

  // Only what a person does: a page that scrolls or loads by itself is no sign of anybody.
  for (const kind of ["pointerdown", "keydown", "input", "wheel"]) {
    document.addEventListener(kind, touched, { passive: true, capture: true });
  }
  setInterval(() => { if (looks()) tell(); }, 1000);
})();
