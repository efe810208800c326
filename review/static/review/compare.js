// Two players in step: the first one leads, the other is always asked for the frame of the same
// number. Wiping draws the other's picture over the leader's, cut at the edge.

// Pixels across the drawn picture, at least: the edge stays thin over a small clip.
const FINE = 1024;

const root = document.querySelector("[data-compare]");
const leader = document.getElementById("player");
const follower = document.getElementById("other");

function start() {
  const edge = root.querySelector("[data-compare-edge]");
  const over = document.createElement("canvas");
  over.className = "compare-over";
  over.setAttribute("aria-hidden", "true");
  over.hidden = true;
  leader.querySelector(".player-stage").append(over);
  const board = over.getContext("2d");
  const video = follower.querySelector("video");
  const isWiping = () => root.dataset.compare === "wipe";

  function draw() {
    if (!isWiping() || !video.videoWidth) return;
    const { videoWidth: width, videoHeight: height } = video;
    const scale = Math.ceil(FINE / width);
    if (over.width !== width * scale || over.height !== height * scale) {
      over.width = width * scale;
      over.height = height * scale;
    }
    const share = Number(edge.value) / 100;
    const from = Math.round(share * over.width);
    board.clearRect(0, 0, over.width, over.height);
    board.drawImage(
      video,
      ...[share * width, 0, (1 - share) * width, height],
      ...[from, 0, over.width - from, over.height],
    );
    board.fillStyle = "#ffffff";
    board.fillRect(from - 1, 0, 2, over.height);
  }

  const last = () => Math.max(0, follower.player.frames - 1);
  leader.addEventListener("frame", (event) => {
    follower.player?.pause();
    follower.player?.seek(Math.min(event.detail.frame, last()));
  });
  follower.addEventListener("frame", () => requestAnimationFrame(draw));
  video.addEventListener("seeked", draw);
  const seen = () => {
    draw();
    video.requestVideoFrameCallback?.(seen);
  };
  video.requestVideoFrameCallback?.(seen);
  edge.addEventListener("input", draw);
  follower.querySelector("video").addEventListener("click", () => leader.player?.toggle());

  function show(way) {
    root.dataset.compare = way;
    over.hidden = way !== "wipe";
    root.querySelector(".compare-edge").hidden = way !== "wipe";
    for (const button of root.querySelectorAll("[data-compare-as]")) {
      button.setAttribute("aria-pressed", String(button.dataset.compareAs === way));
    }
    draw();
  }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-compare-as]");
    if (!button) return;
    const isAgain = button.dataset.compareAs === root.dataset.compare;
    show(isAgain ? "beside" : button.dataset.compareAs);
  });
  follower.player?.seek(leader.player?.frame ?? 0);
}

if (root && leader && follower) start();
