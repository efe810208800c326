// The bar that offers to undo the last verdict: it counts down, and goes when its time is over.

const bar = document.querySelector("[data-undo]");

if (bar) {
  const left = bar.querySelector("[data-undo-left]");
  const until = performance.now() + Number(bar.dataset.undo) * 1000;
  const tick = window.setInterval(() => {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    if (seconds > 0) {
      left.textContent = left.textContent.replace(/\d+/, String(seconds));
      return;
    }
    window.clearInterval(tick);
    bar.remove();
  }, 250);
}
