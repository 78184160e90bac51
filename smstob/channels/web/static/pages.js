// What every page has: questions before what cannot be undone, copying, menus that close, nothing sent twice.
import { keepWatching } from "./watch.js";

document.documentElement.classList.add("scripted");

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const question = button?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (button?.hasAttribute("data-once")) {
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-busy", "true");
  }
});

// a page that comes out of the browser's memory can be sent again
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-once][aria-disabled]")) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = label), 2000);
}

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;

// of more tabs than there is room for, the one that is open is seen
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const tabs = tab.parentElement;
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
}

// one box for all boxes of a table, which may come anew
document.addEventListener("change", (event) => {
  const name = event.target.dataset.all;
  if (!name) return;
  for (const box of document.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
  document.dispatchEvent(new CustomEvent("chosen"));
});

// filters that act as they change
for (const form of document.querySelectorAll("form[data-live]")) {
  let wait;
  form.addEventListener("input", (event) => {
    clearTimeout(wait);
    wait = setTimeout(() => refresh(form, event.target), event.target.type === "search" ? 250 : 0);
  });
}

// the part of the page that the form is about comes anew, and the keyboard stays where it is
let asked = 0;
async function refresh(form) {
  const address = `${form.getAttribute("action") ?? location.pathname}?${new URLSearchParams(new FormData(form))}`;
  const target = document.getElementById(form.dataset.live);
  const mine = ++asked;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById(form.dataset.live);
  if (found) {
    target.replaceChildren(...found.childNodes);
    history.replaceState(null, "", address);
    watchAll(target);
  }
}

function watchAll(part) {
  for (const element of part.querySelectorAll("[data-watch]")) keepWatching(element);
}

watchAll(document);
