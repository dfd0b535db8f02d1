// Codes that are shown once: a press prints the page. Without script the sentence above the button stands alone.
document.documentElement.classList.add("js");
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) print();
});
