// Choosing in the queue: the bar counts what is chosen, and the list stands still meanwhile.

const boxes = () => [...document.querySelectorAll("#queue input[name=chosen]")];
const chosen = () => boxes().filter((box) => box.checked);

function show() {
  const bar = document.querySelector("[data-choosing]");
  if (!bar) return;
  const count = chosen().length;
  bar.hidden = count === 0;
  for (const said of document.querySelectorAll("[data-chosen-count]")) said.textContent = String(count);
  const all = document.querySelector("[data-choose-all]");
  if (!all) return;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-choose-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (event.target.matches?.("[data-choose-all], input[name=chosen]")) show();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-choose-none]")) return;
  for (const box of boxes()) box.checked = false;
  show();
});

// A list that changed under the cursor would lose what was chosen.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "queue" && chosen().length > 0) event.preventDefault();
});
document.addEventListener("htmx:load", show);
show();
