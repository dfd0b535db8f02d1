// Reading aloud, by the browser's own speech where there is one: what is to be seen, in its order and languages.
(() => {
  const button = () => document.querySelector("[data-helper=aloud]"); // another language brings another
  const PARTS = "h1, h2, legend, p:not(.where), li, dt, dd.said, .label, :is(.choice, .way, .help-way) > span";

  const said = (part) =>
    part.checkVisibility() && !part.closest("[aria-hidden]") && !part.parentElement.closest(PARTS);

  const read = () => {
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    for (const part of document.querySelectorAll(`#main :is(${PARTS})`)) {
      const words = new SpeechSynthesisUtterance(part.textContent.replace(/\s+/g, " ").trim());
      words.lang = part.closest("[lang]").lang;
      if (words.text && said(part)) speechSynthesis.speak(words);
    }
  };

  const arrived = () => {
    if (window.speechSynthesis && Element.prototype.checkVisibility) speechSynthesis.cancel();
    else button()?.remove();
  };

  document.addEventListener("click", (event) => button()?.contains(event.target) && read());
  document.addEventListener("htmx:after:swap", arrived);
  arrived();
})();
