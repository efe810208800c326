// Loaded before the first paint, so that a remembered theme never flashes in late.
(function () {
  "use strict";
  const KEY = "greenroom-theme";
  const root = document.documentElement;

  function remembered() {
    try {
      return localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto";
    }
  }

  function apply(choice) {
    if (choice === "dark" || choice === "light") {
      root.dataset.theme = choice;
    } else {
      delete root.dataset.theme;
    }
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice));
    }
  }

  root.classList.add("js");
  apply(remembered());
  document.addEventListener("DOMContentLoaded", () => apply(remembered()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    try {
      localStorage.setItem(KEY, button.dataset.themeSet);
    } catch {
      // Storage can be switched off; the choice then lasts for this page.
    }
    apply(button.dataset.themeSet);
  });
})();
