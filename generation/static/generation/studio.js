// What the studio does beyond the shared behaviours. Without this file every form still works.

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/* A clip that has just become ready plays once, by itself */

function playWhenReady(card) {
  if (calm.matches || !(card instanceof HTMLElement)) return;
  const video = card.querySelector("video[data-hover-play]");
  if (!video || card.matches(":hover, :focus-within")) return;
  video.loop = false;
  video.addEventListener("ended", () => { video.loop = true; }, { once: true });
  video.play().catch(() => {});
}

const waiting = new Set();

function note(card) {
  if (card.dataset.live) {
    waiting.add(card.id);
  } else if (waiting.delete(card.id)) {
    playWhenReady(card);
  }
}

document.querySelectorAll(".clip-card[data-clip]").forEach(note);
document.addEventListener("htmx:oobAfterSwap", () => {
  document.querySelectorAll(".clip-card[data-clip]").forEach(note);
});

/* A new card must be seen */

document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig } = event.detail;
  if (!successful || requestConfig?.verb !== "post") return;
  event.target.closest?.("details[data-menu]")?.removeAttribute("open");
  if (!requestConfig.path.endsWith("/clips/new/")) return;
  const newest = document.querySelector("#clips > .clip-card");
  const box = newest?.getBoundingClientRect();
  if (box && (box.top < 0 || box.top > window.innerHeight - 80)) {
    newest.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "center" });
  }
});

/* Rename: one dialog for all cards */

const dialog = document.getElementById("rename-dialog");
const renameForm = dialog?.querySelector("form");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-rename]");
  if (!opener || !dialog) return;
  event.preventDefault();
  opener.closest("details[data-menu]")?.removeAttribute("open");
  renameForm.setAttribute("action", opener.dataset.rename);
  renameForm.elements.title.value = opener.dataset.title;
  dialog.showModal();
  renameForm.elements.title.select();
});

renameForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  const title = renameForm.elements.title.value;
  dialog.close();
  for (const button of renameForm.querySelectorAll("[type=submit]")) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
  window.htmx.ajax("POST", renameForm.getAttribute("action"), {
    values: { title },
    swap: "none",
  });
});

/* A link to a clip's page may ask for its rename dialog */

if (window.location.hash === "#rename") document.getElementById("rename")?.showModal?.();
