"use strict";
// Pressing a heading sorts the table by its column: up, down, then as it was.
// Numbers sort by value and before words; missing cells stay last.

const words = new Intl.Collator(undefined, { numeric: true });

function keyOf(cell) {
  const number = cell.dataset.value;
  if (number === undefined) return { rank: 1, text: cell.textContent };
  return number === "" ? { rank: 2 } : { rank: 0, number: Number(number) };
}

function compare(a, b, direction) {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.rank === 0) return direction * (a.number - b.number || 0);
  return a.rank === 1 ? direction * words.compare(a.text, b.text) : 0;
}

function makeSortable(table) {
  const body = table.tBodies[0];
  const asTheyWere = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];

  function sortBy(column) {
    const heading = headings[column];
    const before = heading.getAttribute("aria-sort");
    const after = { ascending: "descending", descending: null }[before];
    const now = after === undefined ? "ascending" : after;
    for (const other of headings) other.removeAttribute("aria-sort");
    const rows = [...asTheyWere];
    if (now) {
      heading.setAttribute("aria-sort", now);
      const direction = now === "ascending" ? 1 : -1;
      const keys = new Map(rows.map((row) => [row, keyOf(row.cells[column])]));
      rows.sort((a, b) => compare(keys.get(a), keys.get(b), direction));
    }
    body.append(...rows);
  }

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(column));
  });
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
