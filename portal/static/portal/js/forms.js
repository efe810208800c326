// Small helps inside forms. Without this file every form still works.

function eachIn(root, selector, act) {
  if (root.matches?.(selector)) act(root);
  root.querySelectorAll?.(selector).forEach(act);
}

/* Characters left */

function count(area) {
  const counter = document.querySelector(`[data-counter-for="${CSS.escape(area.id)}"]`);
  if (!counter) return;
  const limit = Number(area.getAttribute("maxlength") ?? area.dataset.limit);
  const used = [...area.value].length;
  counter.textContent = `${used} / ${limit}`;
  counter.dataset.over = String(used > limit);
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("textarea")) return;
  count(event.target);
  if (event.target.hasAttribute("data-autosize")) grow(event.target);
});

/* A list narrows as soon as something is chosen */

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-autosubmit")) form.requestSubmit();
});

/* A chip adds its words to a field */

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-insert-into]");
  if (!chip) return;
  const field = document.querySelector(chip.dataset.insertInto);
  if (!field) return;
  const text = chip.dataset.insertText ?? chip.textContent.trim();
  if (chip.hasAttribute("data-insert-whole")) field.value = text;
  else field.value = field.value.trim() ? `${field.value.trim()}, ${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

/* Passwords can be looked at */

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle-password]");
  if (!button) return;
  const field = document.getElementById(button.dataset.togglePassword);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
});

/* data-reveal-when="name=value,other": seen only while the field has one of the values */

function reveal(element) {
  const [name, values = ""] = element.dataset.revealWhen.split("=");
  const form = element.closest("form");
  const chosen = new FormData(form).getAll(name).map(String);
  element.hidden = !values.split(",").some((value) => chosen.includes(value));
}

document.addEventListener("change", (event) => {
  event.target.form?.querySelectorAll("[data-reveal-when]").forEach(reveal);
});

/* Text that was typed is not lost by a stray click */

const touched = new Set();
document.addEventListener("input", (event) => {
  if (event.target.form?.hasAttribute("data-dirty-guard")) touched.add(event.target.form);
});
document.addEventListener("submit", (event) => touched.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  for (const form of touched) {
    if (form.isConnected) {
      event.preventDefault();
      return;
    }
  }
});

function prepare(root) {
  eachIn(root, "textarea", count);
  eachIn(root, "textarea[data-autosize]", grow);
  eachIn(root, "[data-reveal-when]", reveal);
}
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.target));
