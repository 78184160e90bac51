// A part of the page that follows what happens: told by the server as it happens, else asked every two seconds.

/** data-watch is where events come from; data-page is the page whose part of the same id is taken anew. */
export function keepWatching(element) {
  let ended = false;
  let busy = false;
  let again = false;

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(element.dataset.page ?? location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.getElementById(element.id);
        if (found) element.replaceChildren(...found.childNodes);
        const credits = page.getElementById("credits");
        if (credits) document.getElementById("credits").replaceWith(credits);
        if (found && !found.hasAttribute("data-watch")) ended = true;
      }
    } catch {
      // the network is away: the next one tells
    }
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  function poll() {
    if (ended) return;
    setTimeout(async () => {
      if (!document.hidden) await refresh();
      poll();
    }, 2000);
  }

  if (!("EventSource" in window)) {
    poll();
    return;
  }
  const source = new EventSource(element.dataset.watch);
  let heard = false;
  source.addEventListener("message", () => {
    heard = true;
    refresh();
  });
  source.addEventListener("end", () => {
    ended = true;
    source.close();
    refresh();
  });
  source.addEventListener("error", () => {
    if (heard && source.readyState !== EventSource.CLOSED) return;
    source.close();
    poll();
  });
}
