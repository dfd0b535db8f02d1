// A screen of staff locks by itself: who has not touched it for as long as the server waits is asked for a PIN.
// Each page goes by its own clock, and hears from every other page of this browser when somebody touches that one.
(() => {
  const after = Number(document.currentScript.dataset.locksAfter) * 1000;
  const others = new BroadcastChannel("touched");
  let seen = Date.now();

  const looks = () => {
    if (Date.now() - seen < after) return true;
    location.replace("/who");
    return false;
  };
  const touched = () => {
    if (!looks()) return; // the first touch of a computer that slept comes too late
    if (Date.now() - seen > 1000) others.postMessage("");
    seen = Date.now();
  };
  others.onmessage = () => { if (looks()) seen = Date.now(); };

  // Only what a person does: a page that scrolls or loads by itself is no sign of anybody.
  for (const kind of ["pointerdown", "keydown", "input", "wheel"]) {
    document.addEventListener(kind, touched, { passive: true, capture: true });
  }
  setInterval(looks, 1000);
})();
