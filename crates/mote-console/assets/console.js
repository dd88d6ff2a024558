// What is nicer with a script: buttons that copy, and dialogs in place of small pages. Everything works without it.

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
}

async function copy(button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    // Without TLS browsers give no clipboard: then it is selected, to be copied by hand.
    const text = button.parentElement.querySelector("code") ?? button.closest("section").querySelector("pre code");
    getSelection().selectAllChildren(text);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = label; }, 2000);
}

// A link with data-dialog opens the part of its page that is marked with data-dialog-content in a dialog, and forms in there
// are sent from it. What a dialog showed is gone when it closes.
let dialog;
let changed = false;

function show(page) {
  const part = page.querySelector("[data-dialog-content]");
  if (!part) return false;
  if (!dialog) {
    dialog = document.createElement("dialog");
    const keeps = () => dialog.querySelector("[data-keep]") && dialog.returnValue !== "taken";
    // For browsers that do not know closedBy. Asked twice they close it all the same: then it is opened again.
    dialog.addEventListener("cancel", (event) => {
      if (keeps()) event.preventDefault();
    });
    dialog.addEventListener("close", () => {
      if (keeps()) return dialog.showModal();
      dialog.returnValue = "";
      dialog.replaceChildren();
      if (changed) location.reload();
    });
    document.body.append(dialog);
  }
  const label = part.getAttribute("aria-labelledby");
  if (label) dialog.setAttribute("aria-labelledby", label);
  // What is shown once stays until its own button says that it was taken down: not Escape, nor a gesture.
  dialog.closedBy = part.hasAttribute("data-keep") ? "none" : "closerequest";
  dialog.replaceChildren(document.adoptNode(part));
  for (const button of dialog.querySelectorAll("button.copy")) button.hidden = false;
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), .main"))?.focus();
  return true;
}

async function load(address, request) {
  const answer = await fetch(address, { redirect: "follow", cache: "no-store", ...request });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { answer, page };
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (button) return copy(button);
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  if (event.target.closest("[data-dialog-close]") && dialog?.open) {
    event.preventDefault();
    return dialog.close("taken");
  }
  const link = event.target.closest("a[data-dialog]");
  if (!link) return;
  event.preventDefault();
  const { page } = await load(link.href).catch(() => ({}));
  if (!page || !show(page)) location.assign(link.href);
});

document.addEventListener("submit", async (event) => {
  if (!dialog?.open || !dialog.contains(event.target)) return;
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  const sent = await load(form.action, { method: "POST", body }).catch(() => null);
  if (!sent) {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    return;
  }
  if (sent.answer.redirected) return location.assign(sent.answer.url);
  changed = changed || sent.page.querySelector("[data-dialog-content] form") === null;
  if (!show(sent.page)) location.reload();
});

// A long form is sent once.
document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && event.target.hasAttribute("data-once")) {
    const button = event.submitter;
    if (button) {
      button.textContent = button.dataset.busy ?? "Working…";
      setTimeout(() => { button.disabled = true; });
    }
  }
});
