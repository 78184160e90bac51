// The form that sends: the counter while one types, what it will look like, contacts by name.
import { forSending, measure } from "./segment.js";

const form = document.getElementById("envoi");
const message = document.getElementById("message");
const counter = document.getElementById("compte");
const bubble = document.getElementById("bulle");
const estimate = document.getElementById("estimation");
const invitation = bubble.textContent;
const numbers = new Intl.NumberFormat(document.documentElement.lang);
let sample = "";

function count() {
  const text = forSending(message.value, message.dataset.adapts === "yes");
  const measured = measure(text);
  const over = measured.segments > Number(message.dataset.most);
  const parts = [`${numbers.format(measured.length)} · ${numbers.format(measured.segments)} ${counter.dataset.sms}`];
  parts.push(`${numbers.format(measured.room)} ${counter.dataset.left}`);
  counter.replaceChildren(...parts.map((part) => span(part)));
  if (measured.coding === "ucs2") counter.append(span(counter.dataset.unicode, "unicode"));
  if (text !== message.value.trim() && text) counter.append(span(counter.dataset.adapted));
  if (over) counter.append(span(counter.dataset.over, "over"));
  show(text);
}

function span(text, look = "") {
  const element = document.createElement("span");
  element.textContent = text;
  element.className = look;
  return element;
}

function show(text) {
  const personal = /\[(v[123]|nom)\]/i.test(text);
  bubble.textContent = (personal && sample) || text || invitation;
}

// what the server makes of it, a little after the last key
let wait;
let asked = 0;
function ask() {
  clearTimeout(wait);
  wait = setTimeout(async () => {
    const mine = ++asked;
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "text/html" },
    }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    estimate.innerHTML = await answer.text();
    estimate.hidden = !estimate.textContent.trim();
    sample = document.getElementById("exemple")?.dataset.text ?? "";
    show(forSending(message.value, message.dataset.adapts === "yes"));
  }, 500);
}

function insert(text) {
  message.setRangeText(text, message.selectionStart, message.selectionEnd, "end");
  message.focus();
  count();
  ask();
}

message.addEventListener("input", count);
form.addEventListener("input", ask);
form.addEventListener("change", ask);
const tools = document.getElementById("outils");
tools.hidden = false;
tools.addEventListener("click", (event) => {
  if (event.target.dataset.insert) insert(event.target.dataset.insert);
});
document.getElementById("phrases")?.addEventListener("change", (event) => {
  if (event.target.value) insert(event.target.value);
  event.target.value = "";
});

// contacts: some letters, then a choice
const field = document.getElementById("contacts");
const search = document.getElementById("cherche");
const found = document.getElementById("trouves");
const chosen = document.getElementById("choisis");
field.hidden = false;

function choose(id, name) {
  if (form.querySelector(`input[name="contact"][value="${Number(id)}"]`)) return;
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "contact", value: id });
  input.dataset.name = name;
  form.append(input);
  chip(input);
  ask();
}

function chip(input) {
  const item = document.createElement("li");
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "plain";
  remove.textContent = "✕";
  remove.setAttribute("aria-label", `✕ ${input.dataset.name}`);
  remove.addEventListener("click", () => {
    input.remove();
    item.remove();
    search.focus();
    ask();
  });
  item.append(input.dataset.name, remove);
  chosen.append(item);
}

for (const input of form.querySelectorAll('input[name="contact"]')) chip(input);

function close() {
  found.hidden = true;
  search.setAttribute("aria-expanded", "false");
}

let searched = 0;
search.addEventListener("input", async (event) => {
  event.stopPropagation();
  const mine = ++searched;
  const query = search.value.trim();
  if (!query) {
    close();
    return;
  }
  const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(query)}`, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (!answer?.ok || mine !== searched) return;
  const contacts = await answer.json();
  found.replaceChildren(...contacts.map(suggestion));
  found.hidden = contacts.length === 0;
  search.setAttribute("aria-expanded", String(contacts.length > 0));
});

function suggestion(contact) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.append(span(contact.name), span(contact.number, "muted"));
  button.addEventListener("click", () => {
    choose(contact.id, contact.name);
    search.value = "";
    close();
    search.focus();
  });
  item.append(button);
  return item;
}

search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    found.querySelector("button")?.click();
  } else if (event.key === "ArrowDown") {
    event.preventDefault();
    found.querySelector("button")?.focus();
  } else if (event.key === "Escape") {
    close();
  }
});
found.addEventListener("keydown", (event) => {
  const item = event.target.closest("li");
  const next = event.key === "ArrowDown" ? item?.nextElementSibling : event.key === "ArrowUp" ? item?.previousElementSibling : null;
  if (event.key === "Escape") {
    close();
    search.focus();
  } else if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    (next?.querySelector("button") ?? search).focus();
  }
});

count();
if (message.value || form.querySelector('input[name="groupe"]:checked')) ask();
