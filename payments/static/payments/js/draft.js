/* The total of a payout follows the artists who are ticked. */
const total = document.querySelector("[data-draft-total]");
const boxes = [...document.querySelectorAll("input[name=pay]")];
const submit = document.querySelector("[data-draft-submit]");

if (total) {
  const { currency, places } = total.dataset;
  const money = new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  const show = () => {
    const chosen = boxes.filter((box) => box.checked);
    const sum = chosen.reduce((known, box) => known + Number(box.value.split(":")[1]), 0);
    total.textContent = money.format(sum / 10 ** Number(places));
    if (submit) submit.disabled = chosen.length === 0;
  };
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
