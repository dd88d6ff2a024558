// Live events of a product or a device: Server-Sent Events, read by hand, since their names can be anything.

const MOST = 200;
const table = document.querySelector("table[data-stream]");
const body = document.getElementById("events");
const state = document.getElementById("state");
const pause = document.getElementById("pause");
const clear = document.getElementById("clear");
let paused = false;
let waiting = [];

function cell(row, text) {
  const place = row.insertCell();
  place.textContent = text;
  place.dataset.label = table.tHead.rows[0].cells[place.cellIndex].textContent;
  return place;
}

function row(event) {
  body.querySelector(".none")?.remove();
  const line = body.insertRow(0);
  const at = cell(line, "");
  const time = document.createElement("time");
  time.dateTime = event.published_at ?? "";
  time.textContent = (event.published_at ?? "").slice(11, 19);
  at.append(time);
  cell(line, event.name);
  cell(line, event.data ?? "");
  cell(line, event.coreid ?? "");
  while (body.rows.length > MOST) body.deleteRow(-1);
}

function heard(event) {
  if (!paused) return row(event);
  waiting.push(event);
  if (waiting.length > MOST) waiting.shift();
  pause.textContent = `Go on (${waiting.length})`;
}

function parse(block) {
  let name = "";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  if (!data.length) return;
  try {
    heard({ ...JSON.parse(data.join("\n")), name });
  } catch {
    heard({ name, data: data.join("\n") });
  }
}

async function listen() {
  for (let again = 1; ; again = Math.min(again * 2, 30)) {
    try {
      const answer = await fetch(table.dataset.stream, { headers: { accept: "text/event-stream" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) {
        state.textContent = "The stream was refused. Reload the page.";
        return;
      }
      state.textContent = "Listening.";
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        again = 1;
        const blocks = (text + value).split("\n\n");
        text = blocks.pop();
        blocks.forEach(parse);
      }
    } catch { /* The connection broke: it is opened again. */ }
    state.textContent = "The stream ended; connecting again…";
    await new Promise((go) => setTimeout(go, again * 1000));
  }
}

pause.hidden = clear.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (!paused) waiting.splice(0).forEach(row);
});
clear.addEventListener("click", () => body.replaceChildren());

// Publishing keeps the page, and so the stream.
const publish = document.getElementById("publish");
publish?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = publish.querySelector("button");
  button.disabled = true;
  const answer = await fetch(publish.action, { method: "POST", body: new URLSearchParams(new FormData(publish)) })
    .catch(() => null);
  button.disabled = false;
  if (!answer) return;
  if (answer.redirected) {
    state.textContent = "Published.";
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  state.textContent = page.querySelector("[role=alert]")?.textContent ?? "It was refused.";
});

listen();
