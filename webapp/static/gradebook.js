// Moves between the cells of the gradebook with the arrow keys. Without this the cells are links as any others.
"use strict";
(() => {
  const table = document.getElementById("gradebook");
  if (!table) return;
  const rows = Array.from(table.tBodies[0].rows, (row) => Array.from(row.querySelectorAll("a")));
  if (!rows.length) return;
  for (const row of rows) for (const link of row) link.tabIndex = -1;
  let current = rows[0][0];
  current.tabIndex = 0;

  const place = (link) => {
    const row = rows.findIndex((links) => links.includes(link));
    return [row, row < 0 ? -1 : rows[row].indexOf(link)];
  };
  const go = (row, column) => {
    const links = rows[Math.min(Math.max(row, 0), rows.length - 1)];
    const link = links[Math.min(Math.max(column, 0), links.length - 1)];
    current.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
    current = link;
  };
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    PageUp: [-20, 0], PageDown: [20, 0] };
  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    const [row, column] = place(event.target);
    if (row < 0) return;
    if (event.key === "Home") go(event.ctrlKey ? 0 : row, 0);
    else if (event.key === "End") go(event.ctrlKey ? rows.length - 1 : row, Infinity);
    else if (event.key in steps && !event.ctrlKey) go(row + steps[event.key][0], column + steps[event.key][1]);
    else return;
    event.preventDefault();
  });
  table.addEventListener("focusin", (event) => {
    const [row] = place(event.target);
    if (row < 0 || event.target === current) return;
    current.tabIndex = -1;
    event.target.tabIndex = 0;
    current = event.target;
  });
})();
