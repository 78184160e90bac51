// Imports: a file that is too big is told before it is sent; the preview follows what is chosen above it.
const drop = document.getElementById("depot");
const settings = document.getElementById("reglages");

if (drop) {
  const file = drop.querySelector('input[type="file"]');
  const error = document.getElementById("fichier-erreur");
  file.addEventListener("change", () => {
    const big = file.files[0]?.size > Number(drop.dataset.most);
    error.hidden = !big;
    error.textContent = big ? error.dataset.big : "";
    file.setAttribute("aria-invalid", String(big));
    file.setCustomValidity(big ? error.dataset.big : "");
  });
}

let asked = 0;
settings?.addEventListener("change", async () => {
  const mine = ++asked;
  const preview = document.getElementById("apercu");
  preview.setAttribute("aria-busy", "true");
  const answer = await fetch(settings.getAttribute("action"), {
    method: "POST",
    body: new URLSearchParams(new FormData(settings)),
    headers: { Accept: "text/html" },
  }).catch(() => null);
  if (mine !== asked) return;
  preview.removeAttribute("aria-busy");
  // 422 is a preview too, which says what is missing
  if (!answer || (!answer.ok && answer.status !== 422)) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("apercu");
  if (mine !== asked || !found) return;
  const focused = document.activeElement?.id;
  preview.replaceChildren(...found.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  // the button stays: somebody may be pressing it
  const [button, made] = [document.getElementById("importer"), page.getElementById("importer")];
  button.querySelector("span").textContent = made.querySelector("span").textContent;
  button.disabled = made.disabled;
});
