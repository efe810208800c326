// How the clips on their way are: asked every second, more and more seldom while nobody answers.
// Steps and waits are drawn here; a card that changes more than that is fetched from the server.

const EVERY_MS = 1000;
const HIDDEN_MS = 10000;
const SLOWEST_MS = 30000;
const PATIENCE_MS = 10000;

const trouble = document.getElementById("live-lost");
let failures = 0;
let timer = 0;
let asking = false;

function say(text) {
  if (trouble && trouble.textContent !== text) trouble.textContent = text;
}

function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function draw(card, clip) {
  const bar = card.querySelector("progress");
  put(card.querySelector(".progress-line > span:last-child"), clip.label);
  put(card.querySelector(".clip-hint > span, [data-hint]"), clip.hint);
  if (!bar) return;
  bar.setAttribute("aria-label", clip.label);
  if (clip.percent !== null) bar.value = clip.percent;
}

/* Whether the page shows all that changed; a clip that is told of no more is at rest, or gone. */
function drawn(watched, clips) {
  const known = new Map(clips.map((clip) => [clip.id, clip]));
  return watched.every((id) => {
    const clip = known.get(id);
    if (!clip) return false;
    const cards = [...document.querySelectorAll(`[data-clip="${id}"]`)];
    if (cards.some((card) => card.dataset.stamp !== clip.stamp)) return false;
    cards.forEach((card) => draw(card, clip));
    return true;
  });
}

async function ask(place) {
  const watched = place.dataset.watch.split(",");
  const answer = await fetch(`${place.dataset.progress}?watch=${place.dataset.watch}`, {
    headers: { Accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.type === "opaqueredirect" || answer.status === 404) return false;
  if (!answer.ok) throw new Error(String(answer.status));
  const { clips } = await answer.json();
  if (place.isConnected && !drawn(watched, clips)) window.htmx.trigger(place, "refresh");
  return true;
}

function later() {
  const usual = document.hidden ? HIDDEN_MS : EVERY_MS;
  // Many pages that lost the same server do not all come back in the same moment.
  const slower = Math.min(EVERY_MS * 2 ** failures, SLOWEST_MS) * (0.75 + Math.random() / 2);
  window.clearTimeout(timer);
  timer = window.setTimeout(look, failures ? slower : usual);
}

async function look() {
  const place = document.querySelector("[data-watch]");
  if (asking || !place) {
    later();
    return;
  }
  asking = true;
  try {
    if (!(await ask(place))) {
      say(trouble?.dataset.ended ?? "");
      return;
    }
    failures = 0;
    say("");
  } catch {
    // The first one may be a hiccup, or the page that is being left.
    failures += 1;
    if (failures > 1) say(trouble?.dataset.lost ?? "");
  } finally {
    asking = false;
  }
  later();
}

window.addEventListener("online", look);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
later();
