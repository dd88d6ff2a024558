// While a webhook's form is typed in, the preview below it follows: what the server makes of the form, as its button would.

const form = document.querySelector("form[data-preview]");
const place = document.getElementById("preview");
let timer;
let running;

async function refresh() {
  running?.abort();
  running = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  const request = { method: "POST", body, cache: "no-store", signal: running.signal };
  try {
    const answer = await fetch(form.dataset.preview, request);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("preview");
    if (fresh) place.replaceChildren(...document.adoptNode(fresh).childNodes);
  } catch { /* The next key tries again. */ }
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, 400);
});
