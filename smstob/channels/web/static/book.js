// The book: how many contacts are ticked, and what ticking them all on every page means.
const numbers = new Intl.NumberFormat(document.documentElement.lang);

function boxes() {
  return [...document.querySelectorAll('input[name="contact"]')];
}

function tell() {
  const output = document.getElementById("coches");
  if (!output) return;
  const ticked = boxes().filter((box) => box.checked).length;
  output.textContent = ticked ? `· ${numbers.format(ticked)} ${ticked > 1 ? output.dataset.several : output.dataset.one}` : "";
}

document.addEventListener("change", (event) => {
  const whole = document.querySelector('input[name="tous"]');
  if (event.target === whole) {
    for (const box of boxes()) box.checked = whole.checked;
  } else if (event.target.name === "contact" && !event.target.checked && whole) {
    whole.checked = false;
  }
  tell();
});
document.addEventListener("chosen", tell);
window.addEventListener("pageshow", tell);
