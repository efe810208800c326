/* A clock that counts up from the moment the server wrote down. */
const clock = document.querySelector("[data-running-since]");

if (clock) {
  const began = Date.parse(clock.dataset.runningSince);
  const two = (number) => String(number).padStart(2, "0");
  const show = () => {
    const seconds = Math.max(0, Math.floor((Date.now() - began) / 1000));
    const minutes = Math.floor(seconds / 60);
    clock.textContent = `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  };
  show();
  setInterval(show, 1000);
}
