// Behaviours of the shared components. Everything listens on the document, so that what htmx
// brings in later needs no wiring.

const said = () => document.getElementById("htmx-trouble")?.dataset ?? {};
const TOAST_SECONDS = 6;
const TONES = ["info", "success", "warning", "error"];
const ICONS = { success: "circle-check", warning: "triangle-alert", error: "circle-alert" };

/* Toasts */

function leaveLater(toast) {
  if (toast.dataset.toast === "error" || toast.dataset.timed) return;
  toast.dataset.timed = "1";
  let timer = 0;
  const start = () => {
    timer = window.setTimeout(() => dismiss(toast), TOAST_SECONDS * 1000);
  };
  const stop = () => window.clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

function dismiss(toast) {
  toast.dataset.leaving = "";
  window.setTimeout(() => toast.remove(), 180);
}

export function say(text, tone = "info") {
  const place = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!place || !template || !text) return;
  const kind = TONES.includes(tone) ? tone : "info";
  for (const shown of place.querySelectorAll(".toast-text")) {
    if (shown.textContent.trim() === text) return;
  }
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.classList.replace("tone-info", `tone-${kind}`);
  toast.dataset.toast = kind;
  toast.setAttribute("role", kind === "error" ? "alert" : "status");
  toast.querySelector(".toast-text").textContent = text;
  const use = toast.querySelector(":scope > svg use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[kind] ?? "info"}`));
  place.append(toast);
  leaveLater(toast);
}

function watchToasts() {
  const place = document.getElementById("toasts");
  if (!place) return;
  place.querySelectorAll("[data-toast]").forEach(leaveLater);
  new MutationObserver(() => place.querySelectorAll("[data-toast]").forEach(leaveLater)).observe(
    place,
    { childList: true },
  );
}

/* One submit, then busy */

function busy(form, submitter) {
  form.dataset.busy = "1";
  // The browser reads the button's name and value first; a disabled button would not be sent.
  window.setTimeout(() => {
    if (!submitter) return;
    submitter.setAttribute("aria-busy", "true");
    submitter.disabled = true;
  }, 0);
}

function idle(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("[data-once][aria-busy], [aria-busy][type=submit]")) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const submitter = event.submitter ?? form.querySelector("[type=submit]");
    if (submitter?.dataset.confirm && !submitter.dataset.confirmed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      confirmFirst(submitter);
      return;
    }
    const once = submitter?.hasAttribute("data-once") || form.hasAttribute("data-once");
    if (!once) return;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    busy(form, submitter);
  },
  true,
);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-busy]").forEach(idle);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-busy]");
  if (form) idle(form);
});

/* Dialogs */

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const first = dialog.querySelector(
    ".dialog-body :is(input:not([type=hidden]), select, textarea), .dialog-foot button",
  );
  first?.focus();
}

function confirmFirst(submitter) {
  const dialog = document.getElementById("confirm-dialog");
  dialog.querySelector("[data-confirm-text]").textContent = submitter.dataset.confirm;
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = submitter.textContent.trim() || yes.textContent;
  yes.classList.toggle("button-danger", submitter.classList.contains("button-danger"));
  yes.onclick = () => {
    dialog.close();
    submitter.dataset.confirmed = "1";
    submitter.form.requestSubmit(submitter);
    delete submitter.dataset.confirmed;
  };
  open(dialog);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    event.preventDefault();
    opener.closest("details[data-menu]")?.removeAttribute("open");
    open(document.getElementById(opener.dataset.dialogOpen));
    return;
  }
  if (event.target.closest("[data-dialog-close]")) {
    event.target.closest("dialog")?.close();
    return;
  }
  if (event.target instanceof HTMLDialogElement && !event.target.querySelector("form")) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right &&
      event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  const toast = event.target.closest("[data-toast-close]");
  if (toast) dismiss(toast.closest("[data-toast]"));
});

/* Menus close when one looks elsewhere */

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches("details[data-menu][open]")) return;
    const panel = event.target.querySelector(".menu-panel");
    panel.removeAttribute("data-flip");
    const box = panel.getBoundingClientRect();
    if (box.left < 4 || box.right > document.documentElement.clientWidth - 4) {
      panel.setAttribute("data-flip", "");
    }
  },
  true,
);
document.addEventListener("focusin", (event) =>
  closeMenus(event.target.closest("details[data-menu]")),
);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

/* Copying */

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = document.getElementById((button.dataset.copyFrom ?? "").replace(/^#/, ""));
  const text = button.dataset.copy ?? source?.value ?? source?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text.trim());
    say(said().copied, "success");
  } catch {
    // Without permission, or without TLS, the older way still copies what is selected.
    source?.select?.();
    if (source && document.execCommand("copy")) say(said().copied, "success");
  }
});

/* Clips play under the pointer, or when their card has the focus */

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function preview(event, playing) {
  const card = event.target.closest?.(".clip-card");
  if (!card || (event.relatedTarget && card.contains(event.relatedTarget))) return;
  const video = card.querySelector("video[data-hover-play]");
  if (!video) return;
  if (playing && !calm.matches) {
    video.play().catch(() => {});
  } else if (!playing) {
    video.pause();
    video.currentTime = 0;
  }
}
document.addEventListener("pointerover", (event) => preview(event, true));
document.addEventListener("pointerout", (event) => preview(event, false));
document.addEventListener("focusin", (event) => preview(event, true));
document.addEventListener("focusout", (event) => preview(event, false));

/* Keys that press a button */

function typing(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=submit], [type=button])"))
  );
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (typing(event.target)) return;
  const name = event.shiftKey && event.key.length === 1 && /[a-z]/i.test(event.key)
    ? `shift+${event.key.toLowerCase()}`
    : event.key.toLowerCase();
  const scope = document.querySelector("dialog[open]") ?? document;
  for (const element of scope.querySelectorAll("[data-shortcut]")) {
    if (element.dataset.shortcut.toLowerCase() !== name || element.disabled) continue;
    if (!element.checkVisibility()) continue;
    event.preventDefault();
    if (element.matches("input, textarea, select")) element.focus();
    else element.click();
    return;
  }
});

/* What htmx and allauth could not do is said, not swallowed */

document.addEventListener("toast", (event) => say(event.detail?.text, event.detail?.tone));
document.addEventListener("htmx:responseError", (event) => {
  const xhr = event.detail.xhr;
  if (xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return;
  say(xhr.status < 500 ? said().refused : said().failed, "error");
});
document.addEventListener("htmx:sendError", () => say(said().unreachable, "error"));
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(said().passkey, "error");
});

watchToasts();
document.querySelectorAll("dialog[data-dialog-now]").forEach(open);
document.addEventListener("htmx:load", (event) =>
  event.target.querySelectorAll?.("dialog[data-dialog-now]").forEach(open),
);

/* On a narrow screen navigation and tabs scroll sideways: begin where we are. */

for (const link of document.querySelectorAll(":is(.site-nav, .tabs) [aria-current]")) {
  const row = link.closest(".site-nav, .tabs");
  const before = link.getBoundingClientRect().left - row.getBoundingClientRect().left;
  row.scrollLeft += before - (row.clientWidth - link.offsetWidth) / 2;
}
