// The desk by keyboard: in the dialogs of a refusal a number picks a reason, Ctrl + Enter sends,
// Escape leaves the note. A, C, D, N and Q are shortcuts of their buttons. The video that Next would
// open is fetched ahead, so that it plays at once.

const desk = document.querySelector("[data-desk]");

function isText(target) {
  return target instanceof HTMLElement && target.matches("textarea, input[type=text]");
}

function pick(dialog, number) {
  const choice = dialog.querySelectorAll("[data-reasons] input[type=radio]")[number - 1];
  if (!choice) return;
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  dialog.querySelector("textarea")?.focus();
}

for (const dialog of document.querySelectorAll("dialog[data-refusal]")) {
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      dialog.querySelector("form").requestSubmit(dialog.querySelector("form [type=submit]"));
      return;
    }
    if (isText(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[1-9]$/.test(event.key)) {
      event.preventDefault();
      pick(dialog, Number(event.key));
    }
  });
}

desk?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isText(event.target)) event.target.blur();
});

// Into the browser's own cache, after this clip has all it needs. It claims nothing: a colleague may
// still open that clip first, then the gate is asked again for whichever comes.
async function fetchAhead(address) {
  if (!address || navigator.connection?.saveData) return;
  try {
    const answer = await fetch(address, { credentials: "same-origin", priority: "low" });
    await answer.body?.pipeTo(new WritableStream());
  } catch {
    // Next loads it as it would have without this.
  }
}

const video = desk?.querySelector("video");
if (desk && (!video || video.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA)) {
  fetchAhead(desk.dataset.nextVideo);
} else {
  video?.addEventListener("canplaythrough", () => fetchAhead(desk.dataset.nextVideo), {
    once: true,
  });
}
