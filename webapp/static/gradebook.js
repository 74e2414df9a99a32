// Moves between the cells of the gradebook with the arrow keys, and shows another page, order or search of it without
// loading the whole page anew. Without this the cells are links and forms as any others.
"use strict";
(() => {
  const part = document.getElementById("sheet");
  if (!part) return;
  let rows = [];
  let current = null;

  const take = () => {
    const table = document.getElementById("gradebook");
    rows = table ? Array.from(table.tBodies[0].rows, (row) => Array.from(row.querySelectorAll("a"))) : [];
    for (const row of rows) for (const link of row) link.tabIndex = -1;
    current = rows.length ? rows[0][0] : null;
    if (current) current.tabIndex = 0;
  };
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
  part.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    const [row, column] = place(event.target);
    if (row < 0) return;
    if (event.key === "Home") go(event.ctrlKey ? 0 : row, 0);
    else if (event.key === "End") go(event.ctrlKey ? rows.length - 1 : row, Infinity);
    else if (event.key in steps && !event.ctrlKey) go(row + steps[event.key][0], column + steps[event.key][1]);
    else return;
    event.preventDefault();
  });
  part.addEventListener("focusin", (event) => {
    const [row] = place(event.target);
    if (row < 0 || event.target === current) return;
    current.tabIndex = -1;
    event.target.tabIndex = 0;
    current = event.target;
  });

  // ---- another page of it

  let asked = 0; // only the answer to the last question is shown
  const show = async (address, keep) => {
    const mine = ++asked;
    const again = document.activeElement && part.contains(document.activeElement) && document.activeElement.dataset.as;
    let found = null;
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected)
        found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("sheet");
    } catch { /* the browser tries by itself, and says what is wrong */ }
    if (mine !== asked) return;
    if (!found) return void location.assign(address);
    part.replaceChildren(...found.childNodes);
    if (keep) history.pushState(null, "", address);
    take();
    const focus = again && part.querySelector(`[data-as="${CSS.escape(again)}"]`);
    if (focus) focus.focus();
  };
  part.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-as]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.href, true);
  });
  part.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "get") return;
    event.preventDefault();
    show(`${location.pathname}?${new URLSearchParams(new FormData(form))}`, true);
  });
  window.addEventListener("popstate", () => show(location.href, false));
  take();
})();
