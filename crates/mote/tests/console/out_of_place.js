// What is out of place on the page, by the console's own rules; nothing, if all is well.
const found = [];
const all = (css) => [...document.querySelectorAll(css)];

for (const table of all(".scroll")) {
  if (table.scrollWidth > table.clientWidth) found.push(`a table is cut: ${table.ariaLabel}`);
}

// What is chosen is to be read, beside the arrow.
const pen = document.createElement("canvas").getContext("2d");
for (const field of all(".filters select")) {
  const style = getComputedStyle(field);
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16;
  if (pen.measureText(field.selectedOptions[0].text).width > room) found.push(`a word is cut: ${field.id}`);
}

for (const list of all(".scopes")) {
  const tops = {};
  for (const box of list.querySelectorAll("input")) {
    const { left, top } = box.getBoundingClientRect();
    tops[left] = Math.min(top, tops[left] ?? top);
  }
  if (new Set(Object.values(tops)).size > 1) found.push("columns of boxes do not begin in one line");
}

const [word, card] = ["word", "narrow"].map((name) => document.querySelector(`main > .${name}`));
if (word && card && word.offsetWidth !== card.offsetWidth) found.push("a word is not as wide as its card");

// What a form is for is told from all else on the page; a preview is not what it is for.
for (const actions of all("form .actions")) {
  if (!actions.querySelector(".main, .danger, [formaction]")) found.push(`no main action: ${actions.textContent}`);
}

return found;
