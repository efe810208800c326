// How the clips on their way are: asked every second, more and more seldom while nobody answers.
// Steps and waits are drawn here; a card that changes more than that is fetched from the server.
// The page says itself which cards those are, so none is lost when others join or leave it.

const EVERY_MS = 1000;
const HIDDEN_MS = 10000;
const SLOWEST_MS = 30000;
const PATIENCE_MS = 10000;
// As many as the server answers for at once.
const MOST = 100;

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

function watched() {
  const cards = [...document.querySelectorAll("[data-clip][data-live]")];
  return [...new Set(cards.map((card) => card.dataset.clip))].slice(0, MOST);
}

/* The clips whose cards do not show all that changed; of one at rest, or gone, nothing is told. */
function stale(asked, clips) {
  const known = new Map(clips.map((clip) => [clip.id, clip]));
  return asked.filter((id) => {
    const cards = [...document.querySelectorAll(`[data-clip="${id}"][data-live]`)];
    const clip = known.get(id);
    if (!clip || cards.some((card) => card.dataset.stamp !== clip.stamp)) return cards.length > 0;
    cards.forEach((card) => draw(card, clip));
    return false;
  });
}

async function ask(place, asked) {
  const answer = await fetch(`${place.dataset.progress}?watch=${asked.join(",")}`, {
    headers: { Accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.type === "opaqueredirect" || answer.status === 404) return false;
  if (!answer.ok) throw new Error(String(answer.status));
  const { clips } = await answer.json();
  const wanted = stale(asked, clips);
  if (wanted.length && place.isConnected) {
    place.setAttribute("hx-vals", JSON.stringify({ watch: wanted.join(",") }));
    window.htmx.trigger(place, "refresh");
  }
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
  const place = document.querySelector("[data-progress]");
  const asked = watched();
  if (asking || !place || !asked.length) {
    later();
    return;
  }
  asking = true;
  try {
    if (!(await ask(place, asked))) {
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
