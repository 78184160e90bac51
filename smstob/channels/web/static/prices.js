// What so many credits cost, while one types: the server's own tiers, in whole numbers throughout.

const form = document.getElementById("calcul");
const field = document.getElementById("quantite");
const note = document.getElementById("quantite-note");
const better = document.getElementById("mieux");
const tiers = JSON.parse(form.dataset.prices);
const rate = Number(form.dataset.rate);
const least = tiers[0][0];
const most = Number(form.dataset.most);
const language = document.documentElement.lang === "en" ? "en-GB" : "fr-FR";
const figures = new Intl.NumberFormat(language);
const money = (digits) => new Intl.NumberFormat(language, { style: "currency", currency: "EUR", minimumFractionDigits: 2, maximumFractionDigits: digits });
const euros = money(2);
const each = money(3);

/** amount / divisor, halves up; exact below 2^53. */
function rounded(amount, divisor) {
  const twice = 2 * amount + divisor;
  return (twice - (twice % (2 * divisor))) / (2 * divisor);
}

const cost = (credits, tenths) => rounded(credits * tenths, 10);
const tierOf = (credits) => tiers.findLast(([from]) => from <= credits);

function put(name, text) {
  form.querySelector(`[data-out="${name}"]`).textContent = text;
}

function show() {
  const typed = field.value.replace(/\s/g, "");
  const credits = /^[0-9]{1,15}$/.test(typed) ? Number(typed) : 0;
  const fits = credits >= least && credits <= most;
  const [from, tenths] = fits ? tierOf(credits) : [0, 0];
  const net = fits ? cost(credits, tenths) : 0;
  const vat = rounded(net * rate, 10000);
  put("each", fits ? each.format(tenths / 1000) : "–");
  put("net", fits ? euros.format(net / 100) : "–");
  put("vat", fits ? euros.format(vat / 100) : "–");
  put("gross", fits ? euros.format((net + vat) / 100) : "–");
  const wrong = !fits && typed !== "";
  note.textContent = wrong ? form.dataset.wrong : "";
  note.classList.toggle("error", wrong);
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  for (const row of document.querySelectorAll("[data-tier]")) row.classList.toggle("chosen", fits && Number(row.dataset.tier) === from);
  propose(fits ? tiers.find(([more, price]) => more > credits && cost(more, price) <= net) : null, credits);
}

function propose(tier, credits) {
  better.hidden = !tier;
  if (!tier) return;
  const [more, tenths] = tier;
  const words = { more: figures.format(more), net: euros.format(cost(more, tenths) / 100), fewer: figures.format(credits) };
  put("better", form.dataset.better.replace(/\{(\w+)\}/g, (_, name) => words[name]));
  better.querySelector("a").dataset.credits = more;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-credits]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  field.value = figures.format(Number(link.dataset.credits));
  show();
  field.focus();
});

field.addEventListener("input", show);
window.addEventListener("pageshow", show);
