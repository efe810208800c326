// Whoever reads one example in a language reads all of them in it, here and next time.

const KEPT = "code-language";
const ways = () => document.querySelectorAll("[data-code-language]");

function show(language) {
  for (const way of ways()) if (way.value === language) way.checked = true;
}

function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-code-language]")) return;
  // What stands above grows or shrinks; the example that was asked for stays where it is.
  const before = event.target.getBoundingClientRect().top;
  show(event.target.value);
  window.scrollBy({ top: event.target.getBoundingClientRect().top - before, behavior: "instant" });
  try {
    localStorage.setItem(KEPT, event.target.value);
  } catch {
    // A browser that keeps nothing shows Python first next time.
  }
});

show(remembered());
