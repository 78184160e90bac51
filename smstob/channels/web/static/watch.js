// A part of the page that follows what happens: told by the server as it happens, else asked every two seconds.

const PAUSE = 2000;

/** data-watch is where events come from; data-page is the page whose part of the same id is taken anew. */
export function keepWatching(element) {
  let ended = false;
  let busy = false;
  let again = false;
  let source = null;

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await takeAnew();
    } while (again);
    busy = false;
  }

  async function takeAnew() {
    try {
      const answer = await fetch(element.dataset.page ?? location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById(element.id);
      if (found) replaceWhatIsIn(element, found);
      const credits = page.getElementById("credits");
      if (credits) document.getElementById("credits").replaceWith(credits);
      if (!found?.dataset.watch) ended = true;
      else element.dataset.watch = found.dataset.watch;
    } catch {
      // the network is away: the next one tells
    }
  }

  // filters may have put another part in its place
  const isOver = () => ended || !element.isConnected;

  function later(next) {
    if (!isOver()) setTimeout(next, PAUSE);
  }

  async function poll() {
    if (isOver()) return;
    if (!document.hidden) await refresh();
    later(poll);
  }

  function listen() {
    if (isOver()) return;
    let heard = false;
    source = new EventSource(element.dataset.watch);
    source.addEventListener("message", async () => {
      heard = true;
      await refresh();
      if (isOver()) source.close();
    });
    source.addEventListener("end", async () => {
      source.close();
      await refresh();
      later(listen);
    });
    source.addEventListener("error", () => {
      if (isOver()) source.close();
      if (heard && source.readyState !== EventSource.CLOSED) return;
      source.close();
      later(poll);
    });
  }

  if ("EventSource" in window) listen();
  else later(poll);
}

/** What is open stays open, and the keyboard stays where it is. */
function replaceWhatIsIn(element, found) {
  const open = [...element.querySelectorAll("details[open][id]")].map((details) => details.id);
  const held = element.contains(document.activeElement) ? document.activeElement : null;
  const [id, address] = [held?.id || held?.closest("[id]")?.id, held?.getAttribute("href")];
  element.replaceChildren(...found.childNodes);
  for (const one of open) {
    const details = document.getElementById(one);
    if (details) details.open = true;
  }
  if (!held) return;
  const same = address && [...element.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === address);
  const around = id && document.getElementById(id);
  (same || around?.querySelector("summary") || around)?.focus();
}
