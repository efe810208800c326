// A player in which the frame number is the truth. A seek aims at the middle of a frame, where no
// rounding can land on its neighbour; what the browser then shows is reported back as a number.
// The rate is a fraction: 24000/1001 as a decimal is a frame off within minutes.

const SPEEDS = [1, 0.5, 0.25, 2];
const FASTEST = 4;
// How long a picture that was asked for may stay away, in ms, before the number follows what is shown.
const PATIENCE = 2000;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function typing(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=range])"))
  );
}

function rateOf(text) {
  const [above, below] = String(text ?? "").split("/").map(Number);
  return above > 0 ? above / (below > 0 ? below : 1) : 24;
}

export class Player {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.range = root.querySelector("[data-player-range]");
    this.fps = rateOf(root.dataset.fps);
    this.frames = Number(root.dataset.frames) || 0;
    this.frame = 0;
    this.speed = 1;
    this.wanted = null;
    this.onScreen = null;
    this.waiting = [];
    this.marks = { in: null, out: null };
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
    video.addEventListener("ended", () => {
      if (this.loop && this.marked) this.play();
      else this.settle(this.frames - 1);
    });
    video.addEventListener("timeupdate", () => this.listenForSound());
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
    const strip = root.querySelector("[data-player-strip]");
    const scrub = (event) => {
      const { left, width } = strip.getBoundingClientRect();
      this.pause();
      this.seek(Math.floor(((event.clientX - left) / width) * this.frames));
    };
    strip?.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      strip.setPointerCapture(event.pointerId);
      scrub(event);
    });
    strip?.addEventListener("pointermove", (event) => {
      if (strip.hasPointerCapture(event.pointerId)) scrub(event);
    });
    if (video.error) this.fail();
    this.watchFrames();
  }

  watchFrames() {
    const { video } = this;
    if (!video.requestVideoFrameCallback) {
      video.addEventListener("timeupdate", () => this.report(this.frameAt(video.currentTime)));
      return;
    }
    const seen = (_now, metadata) => {
      this.presented(Math.round(metadata.mediaTime * this.fps));
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
  }

  frameAt(time) {
    return Math.floor(time * this.fps + 1e-6);
  }

  presented(frame) {
    this.onScreen = frame;
    if (this.wanted === null && !this.video.seeking) this.report(frame);
    this.tellWaiting();
    if (this.video.paused || this.wanted !== null || this.marks.out === null) return;
    if (frame < this.marks.out) return;
    if (this.loop) this.seek(this.marks.in ?? 0);
    else {
      this.pause();
      this.seek(this.marks.out);
    }
  }

  // Resolves with the frame whose picture is on the screen, once it is the one asked for.
  at(frame) {
    this.pause();
    this.seek(frame);
    const target = this.frame;
    return new Promise((resolve) => {
      const late = window.setTimeout(() => this.tellWaiting(target), PATIENCE);
      this.waiting.push({ target, late, resolve });
      this.tellWaiting();
    });
  }

  tellWaiting(given_up = null) {
    const blind = !this.video.requestVideoFrameCallback;
    const there = (target) => this.wanted === null && (blind || this.onScreen === target);
    this.waiting = this.waiting.filter(({ target, late, resolve }) => {
      if (target !== given_up && !there(target)) return true;
      window.clearTimeout(late);
      resolve(blind ? this.frame : this.onScreen);
      return false;
    });
  }

  get marked() {
    return this.marks.in !== null || this.marks.out !== null;
  }

  // Marking the same frame again takes the mark away; a mark beyond the other one replaces both.
  mark(which) {
    const other = which === "in" ? "out" : "in";
    const frame = this.marks[which] === this.frame ? null : this.frame;
    this.marks[which] = frame;
    const { in: first, out: last } = this.marks;
    if (first !== null && last !== null && first > last) this.marks[other] = null;
    if (this.marked && !this.loop) this.do("loop");
    this.video.loop = this.video.loop && !this.marked;
    this.showMarks();
    this.root.dispatchEvent(new CustomEvent("marks", { bubbles: true, detail: { ...this.marks } }));
  }

  showMarks() {
    const last = Math.max(1, this.frames - 1);
    for (const which of ["in", "out"]) {
      const frame = this.marks[which];
      const pressed = String(frame !== null);
      this.root.querySelector(`[data-player-do=mark-${which}]`)?.setAttribute("aria-pressed", pressed);
      const at = frame === null ? (which === "in" ? 0 : 100) : (frame / last) * 100;
      this.range.style.setProperty(`--${which}`, `${at}%`);
    }
    this.range.toggleAttribute("data-marked", this.marked);
  }

  // The button for the sound appears once something is heard of it: most clips have none.
  listenForSound() {
    const { video } = this;
    const heard = video.mozHasAudio || video.webkitAudioDecodedByteCount > 0 || video.audioTracks?.length;
    const button = this.root.querySelector("[data-player-do=sound]");
    if (heard && button) button.hidden = false;
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
    const there = this.frameAt(this.video.currentTime) === target;
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
    const shown = this.frameAt(this.video.currentTime);
    if (shown !== this.frame) this.report(shown);
    this.tellWaiting();
  }

  settle(frame) {
    if (this.backwards) return;
    this.showState();
    const at = frame ?? this.onScreen ?? this.frameAt(this.video.currentTime);
    if (this.wanted === null || frame !== undefined) this.seek(at);
  }

  play(speed = this.speed) {
    this.stopBackwards();
    this.speed = speed;
    const { in: first, out: last } = this.marks;
    if (this.frame >= (last ?? this.frames - 1) || this.frame < (first ?? 0)) this.seek(first ?? 0);
    this.aimed = null;
    this.video.loop = this.loop && !this.marked;
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
      if (this.frame > (this.marks.in ?? 0)) this.seek(this.frame - 1);
      else if (this.loop) this.seek(this.marks.out ?? this.frames - 1);
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
        this.video.loop = this.loop && !this.video.paused && !this.marked;
        this.root
          .querySelector("[data-player-do=loop]")
          ?.setAttribute("aria-pressed", String(this.loop));
      },
      "mark-in": () => this.mark("in"),
      "mark-out": () => this.mark("out"),
      sound: () => {
        this.video.muted = !this.video.muted;
        this.root
          .querySelector("[data-player-do=sound]")
          ?.setAttribute("aria-pressed", String(!this.video.muted));
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
      i: () => this.do("mark-in"),
      o: () => this.do("mark-out"),
      m: () => this.do("sound"),
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
