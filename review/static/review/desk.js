// The desk by keyboard: in the decline dialog a number picks a reason, Ctrl + Enter sends, Escape
// leaves the note. A, D, N and Q are shortcuts of their buttons.

const desk = document.querySelector("[data-desk]");
const dialog = document.getElementById("decline");

function isText(target) {
  return target instanceof HTMLElement && target.matches("textarea, input[type=text]");
}

function pick(number) {
  const choice = dialog.querySelectorAll("[data-reasons] input[type=radio]")[number - 1];
  if (!choice) return;
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  dialog.querySelector("textarea")?.focus();
}

dialog?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    dialog.querySelector("form").requestSubmit(dialog.querySelector("form [type=submit]"));
    return;
  }
  if (isText(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[1-9]$/.test(event.key)) {
    event.preventDefault();
    pick(Number(event.key));
  }
});

desk?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isText(event.target)) event.target.blur();
});
