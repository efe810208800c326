// Notes pinned to frames: their drawings lie over the picture of those frames alone. Coordinates are
// ten-thousandths of the picture, so that a drawing stays on what it shows at every size.

const SIDE = 10000;
const MOST_POINTS = 5000;
const MOST_SHAPES = 100;
const SVG = "http://www.w3.org/2000/svg";

const list = document.querySelector("[data-notes]");
const figure = document.getElementById("player");
const stage = figure?.querySelector(".player-stage");

function start() {
  const form = list.querySelector("[data-note-form]");
  const video = figure.querySelector("video");
  const size = { width: Number(video.getAttribute("width")), height: Number(video.getAttribute("height")) };
  const board = document.createElementNS(SVG, "svg");
  board.classList.add("notes-board");
  board.setAttribute("aria-hidden", "true");
  board.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  stage.append(board);

  const notes = [...list.querySelectorAll("[data-note]")].map((element) => ({
    element,
    first: Number(element.dataset.first),
    last: Number(element.dataset.last),
    shapes: JSON.parse(element.dataset.drawing),
  }));
  const field = form?.elements.namedItem("drawing");
  let drawn = [];
  try {
    drawn = JSON.parse(field?.value || "[]");
  } catch {
    field.value = "";
  }
  let pinned = drawn.length ? Number(form.elements.namedItem("first").value) - 1 : null;
  let tool = "";
  let marks = { in: null, out: null };

  const place = ([x, y]) => `${(x / SIDE) * size.width} ${(y / SIDE) * size.height}`;

  function path({ tool: kind, points }) {
    const [from, to] = points;
    if (kind === "box") {
      return `M${place(from)} L${place([to[0], from[1]])} L${place(to)} L${place([from[0], to[1]])} Z`;
    }
    const line = `M${points.map(place).join(" L")}`;
    if (kind === "pen") return line;
    const [[x, y], [u, v]] = [from, to].map((point) => place(point).split(" ").map(Number));
    const along = Math.atan2(v - y, u - x);
    const head = Math.min(size.width, size.height) * 0.05;
    const wing = (turn) => `M${u} ${v} L${u - head * Math.cos(along + turn)} ${v - head * Math.sin(along + turn)}`;
    return `${line} ${wing(0.5)} ${wing(-0.5)}`;
  }

  function show() {
    const frame = figure.player?.frame ?? 0;
    board.replaceChildren();
    const shapes = [];
    for (const note of notes) {
      const here = frame >= note.first && frame <= note.last;
      note.element.toggleAttribute("data-shown", here);
      if (here) shapes.push(...note.shapes);
    }
    const first = Number(form?.elements.namedItem("first").value) - 1;
    const last = Number(form?.elements.namedItem("last").value) - 1;
    if (drawn.length && frame >= first && frame <= last) shapes.push(...drawn);
    for (const shape of shapes) {
      const drawing = document.createElementNS(SVG, "path");
      drawing.setAttribute("d", path(shape));
      board.append(drawing);
    }
  }

  // What is drawn or typed stays with the frame it was begun on, wherever the player goes.
  function follow() {
    if (!form || pinned !== null) return;
    const frame = figure.player?.frame ?? 0;
    form.elements.namedItem("first").value = String((marks.in ?? marks.out ?? frame) + 1);
    form.elements.namedItem("last").value = String((marks.out ?? Math.max(frame, marks.in ?? 0)) + 1);
  }

  figure.addEventListener("frame", () => {
    follow();
    show();
  });
  figure.addEventListener("marks", (event) => {
    marks = event.detail;
    follow();
    show();
  });

  function pin() {
    figure.player?.pause();
    follow();
    pinned = figure.player?.frame ?? 0;
  }

  function keep() {
    field.value = drawn.length ? JSON.stringify(drawn) : "";
    if (!drawn.length && !form.elements.namedItem("text").value) pinned = null;
    show();
  }

  function choose(chosen) {
    tool = tool === chosen ? "" : chosen;
    for (const button of form.querySelectorAll("[data-draw]")) {
      button.setAttribute("aria-pressed", String(button.dataset.draw === tool));
    }
    board.toggleAttribute("data-drawing-with", Boolean(tool));
    if (tool) figure.player?.pause();
  }

  function where(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(board.getScreenCTM().inverse());
    const whole = (value, most) => Math.round(Math.min(Math.max(value / most, 0), 1) * SIDE);
    return [whole(x, size.width), whole(y, size.height)];
  }

  form?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-draw], [data-draw-undo]");
    if (!button) return;
    if (button.dataset.draw) choose(button.dataset.draw);
    else {
      drawn.pop();
      keep();
    }
  });
  form?.addEventListener("input", (event) => {
    if (event.target.matches("textarea") && event.target.value && pinned === null) pin();
    if (event.target.matches("[type=number]")) pinned = figure.player?.frame ?? 0;
    show();
  });
  form?.elements.namedItem("text").addEventListener("focus", () => figure.player?.pause());

  let shape = null;
  board.addEventListener("pointerdown", (event) => {
    const points = drawn.reduce((sum, one) => sum + one.points.length, 0);
    if (!tool || drawn.length >= MOST_SHAPES || points >= MOST_POINTS - 2) return;
    event.preventDefault();
    if (pinned === null) pin();
    board.setPointerCapture(event.pointerId);
    const at = where(event);
    shape = { tool, points: [at, at], room: MOST_POINTS - points };
    drawn.push(shape);
  });
  board.addEventListener("pointermove", (event) => {
    if (!shape) return;
    const at = where(event);
    if (shape.tool !== "pen" || shape.points.length === 0) shape.points[1] = at;
    else if (shape.points.length < shape.room) shape.points.push(at);
    show();
  });
  board.addEventListener("pointerup", () => {
    if (!shape) return;
    delete shape.room;
    shape = null;
    keep();
  });
  board.addEventListener("pointercancel", () => {
    if (shape) drawn.pop();
    shape = null;
    keep();
  });
  follow();
  show();
}

if (list && stage) start();
