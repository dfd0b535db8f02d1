// The last page of a first start: go on as soon as the practice itself answers. Without script a timer does.
(() => {
  const then = document.querySelector("[data-then]").dataset.then;
  const ask = async () => {
    try {
      const said = await (await fetch("/health", { cache: "no-store" })).text();
      if (said.includes("unlocked")) return location.replace(then);
    } catch { /* the one server is gone and the other not yet there */ }
    setTimeout(ask, 400);
  };
  ask();
})();
