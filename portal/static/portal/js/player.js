// A player in which the frame number is the truth. A seek aims at the middle of a frame, where no
// rounding can land on its neighbour; what the browser then shows is reported back as a number.

const SPEEDS = [1, 0.5, 0.25, 2];
const FASTEST = 4;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function typing(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=range])"))
  );
}

export class Player {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.range = root.querySelector("[data-player-range]");
    this.fps = Number(root.dataset.fps) || 24;
    this.frames = Number(root.dataset.frames) || 0;
    this.frame = 0;
    this.speed = 1;
    this.wanted = null;
    this.backwards = 0;
    this.loop = this.video.loop;
    // Only while it plays: a paused video that repeats may jump from its last frame to its first.
    this.video.loop = false;
    root.player = this;
    this.video.removeAttribute("controls");
    this.listen();
    if (this.video.readyState >= 1) this.measured();
    if (root.hasAttribute("data-autoplay") && !calm.matches) this.play();
  }

  get paused() {
    return this.video.paused && !this.backwards;
  }

  listen() {
    const { video, root } = this;
    video.addEventListener("loadedmetadata", () => this.measured());
    video.addEventListener("play", () => this.showState());
    video.addEventListener("pause", () => {
      video.loop = false;
      this.settle();
    });
    video.addEventListener("ended", () => this.settle(this.frames - 1));
    video.addEventListener("seeked", () => this.arrived());
    video.addEventListener("error", () => this.fail());
    video.addEventListener("click", () => this.toggle());
    this.range.addEventListener("input", () => {
      this.pause();
      this.seek(Number(this.range.value));
    });
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-player-do]");
      if (button) this.do(button.dataset.playerDo);
    });
    (root.hasAttribute("data-keyboard") ? document : root).addEventListener("keydown", (event) =>
      this.key(event),
    );
    if (video.error) this.fail();
    this.watchFrames();
  }

  watchFrames() {
    const { video } = this;
    if (!video.requestVideoFrameCallback) {
      video.addEventListener("timeupdate", () => this.report(video.currentTime * this.fps));
      return;
    }
    const seen = (_now, metadata) => {
      if (this.wanted === null && !video.seeking) this.report(Math.round(metadata.mediaTime * this.fps));
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
  }

  measured() {
    if (!this.frames && Number.isFinite(this.video.duration)) {
      this.frames = Math.max(1, Math.round(this.video.duration * this.fps));
    }
    this.range.max = String(Math.max(0, this.frames - 1));
    this.root.querySelector("[data-player-total]").textContent = String(this.frames);
    this.show();
    if (this.ready) return;
    this.ready = true;
    this.root.dispatchEvent(
      new CustomEvent("playerready", { bubbles: true, detail: { frames: this.frames } }),
    );
  }

  report(frame) {
    const exact = Math.min(Math.max(0, Math.floor(frame)), Math.max(0, this.frames - 1));
    if (exact === this.frame && this.reported) return;
    this.reported = true;
    this.frame = exact;
    this.show();
    this.announce();
  }

  announce() {
    this.root.dispatchEvent(
      new CustomEvent("frame", {
        bubbles: true,
        detail: { frame: this.frame, frames: this.frames, time: this.frame / this.fps },
      }),
    );
  }

  seek(frame) {
    const target = Math.min(Math.max(0, Math.trunc(frame)), Math.max(0, this.frames - 1));
    this.frame = target;
    this.show();
    this.announce();
    const there = Math.floor(this.video.currentTime * this.fps) === target;
    if (this.wanted === null && this.aimed === target && there) return;
    // While one seek is under way the newest wish waits; those between are skipped.
    const under_way = this.wanted !== null;
    this.wanted = target;
    if (!under_way) this.aim(target);
  }

  aim(frame) {
    this.aimed = frame;
    this.video.currentTime = (frame + 0.5) / this.fps;
  }

  arrived() {
    if (this.wanted === null) return;
    if (this.wanted !== this.aimed) {
      this.aim(this.wanted);
      return;
    }
    this.wanted = null;
    // Where the browser went somewhere else, the number follows the picture.
    const shown = Math.floor(this.video.currentTime * this.fps);
    if (shown !== this.frame) this.report(shown);
  }

  settle(frame) {
    if (this.backwards) return;
    this.showState();
    const at = frame ?? Math.floor(this.video.currentTime * this.fps);
    if (this.wanted === null) this.seek(at);
  }

  play(speed = this.speed) {
    this.stopBackwards();
    this.speed = speed;
    if (this.frame >= this.frames - 1) this.seek(0);
    this.aimed = null;
    this.video.loop = this.loop;
    this.video.playbackRate = speed;
    this.showSpeed();
    this.video.play().catch(() => this.showState());
  }

  pause() {
    this.stopBackwards();
    this.video.loop = false;
    this.video.pause();
    this.showState();
  }

  toggle() {
    if (this.paused) this.play();
    else this.pause();
  }

  playBackwards() {
    const speed = this.backwards ? Math.min(FASTEST, this.speed * 2) : this.speed;
    this.stopBackwards();
    this.video.pause();
    this.speed = speed;
    this.backwards = window.setInterval(() => {
      if (this.frame > 0) this.seek(this.frame - 1);
      else if (this.loop) this.seek(this.frames - 1);
      else this.pause();
    }, 1000 / (this.fps * speed));
    this.showSpeed();
    this.showState();
  }

  stopBackwards() {
    window.clearInterval(this.backwards);
    this.backwards = 0;
  }

  step(by) {
    this.pause();
    this.seek(this.frame + by);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.video.playbackRate = speed;
    this.showSpeed();
  }

  do(what) {
    const acts = {
      toggle: () => this.toggle(),
      back: () => this.step(-1),
      forward: () => this.step(1),
      speed: () => this.setSpeed(SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length]),
      loop: () => {
        this.loop = !this.loop;
        this.video.loop = this.loop && !this.video.paused;
        this.root
          .querySelector("[data-player-do=loop]")
          ?.setAttribute("aria-pressed", String(this.loop));
      },
      help: () => this.root.querySelector("dialog")?.showModal(),
      fullscreen: () => {
        if (document.fullscreenElement) document.exitFullscreen();
        else this.root.requestFullscreen?.();
      },
    };
    acts[what]?.();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === " " && event.target.closest?.("button, a, summary, [role=button]")) return;
    const second = Math.round(this.fps);
    const acts = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      j: () => this.playBackwards(),
      l: () => this.play(this.paused || this.backwards ? this.speed : Math.min(FASTEST, this.speed * 2)),
      arrowleft: () => this.step(event.shiftKey ? -second : -1),
      arrowright: () => this.step(event.shiftKey ? second : 1),
      ",": () => this.step(-1),
      ".": () => this.step(1),
      home: () => this.step(-this.frames),
      end: () => this.step(this.frames),
      r: () => this.do("loop"),
      f: () => this.do("fullscreen"),
      "?": () => this.do("help"),
    };
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  fail() {
    this.root.querySelector("[data-player-error]").hidden = false;
    this.video.hidden = true;
  }

  timecode() {
    const rate = Math.max(1, Math.round(this.fps));
    const pad = (number) => String(number).padStart(2, "0");
    const seconds = Math.floor(this.frame / rate);
    return `${pad(Math.floor(seconds / 60))}:${pad(seconds % 60)}:${pad(this.frame % rate)}`;
  }

  show() {
    const last = Math.max(1, this.frames - 1);
    this.range.value = String(this.frame);
    this.range.setAttribute("aria-valuetext", `${this.frame + 1} / ${this.frames}`);
    this.range.style.setProperty("--played", `${(this.frame / last) * 100}%`);
    this.root.querySelector("[data-player-now]").textContent = String(this.frame + 1);
    this.root.querySelector("[data-player-timecode]").textContent = this.timecode();
    for (const field of document.querySelectorAll(`[data-player-frame="${CSS.escape(this.root.id)}"]`)) {
      field.value = String(this.frame);
    }
  }

  showState() {
    this.root.dataset.state = this.paused ? "paused" : "playing";
  }

  showSpeed() {
    const text = `${this.backwards ? "−" : ""}${this.speed}×`;
    this.root.querySelector("[data-player-speed]").textContent = text;
  }
}

function prepare(root) {
  const players = [...(root.querySelectorAll?.("[data-player]") ?? [])];
  if (root.matches?.("[data-player]")) players.push(root);
  for (const element of players) if (!element.player) new Player(element);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek-frame]");
  if (!button) return;
  const root = button.dataset.playerFor
    ? document.getElementById(button.dataset.playerFor)
    : (button.closest("[data-player-scope]") ?? document).querySelector("[data-player]");
  root?.player?.pause();
  root?.player?.seek(Number(button.dataset.seekFrame));
});

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.target));
