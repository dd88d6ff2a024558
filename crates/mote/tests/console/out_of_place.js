// What is out of place on the page, by the console's own rules; nothing, if all is well.
const found = [];
const all = (css) => [...document.querySelectorAll(css)];

for (const table of all(".scroll")) {
  if (table.scrollWidth > table.clientWidth) found.push(`a table is cut: ${table.ariaLabel}`);
}

return found;
