// What pages do better with a script; all of them work without one.
"use strict";

function follow(live) {
  const status = document.getElementById("status");
  const news = document.getElementById("news");
  let over = false;

  function show(data) {
    if (status.textContent !== data.status) status.textContent = data.status;
    if (news.innerHTML !== data.html) news.innerHTML = data.html; // made by our own templates
    if (data.over && !over) {
      over = true;
      window.setTimeout(() => window.location.assign(live.dataset.report), 600);
    }
  }

  async function ask() {
    if (over) return;
    try {
      const answer = await fetch(live.dataset.state, { headers: { Accept: "application/json" } });
      if (answer.redirected) return window.location.reload(); // signed out
      if (answer.ok) show(await answer.json());
    } catch { /* the network is away: ask again */ }
    if (!over) window.setTimeout(ask, 3000);
  }

  if (!("EventSource" in window)) return ask();
  const source = new EventSource(live.dataset.events);
  source.addEventListener("news", (event) => show(JSON.parse(event.data)));
  source.addEventListener("over", () => source.close());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED && !over) ask(); // it was refused: no stream is free
  });
}

function dropInto(zone) {
  const input = zone.querySelector("input[type=file]");
  const weigh = () => {
    const beyond = input.files[0]?.size > Number(input.dataset.most);
    input.setCustomValidity(beyond ? input.dataset.beyond : "");
    if (beyond) input.reportValidity();
  };
  input.addEventListener("change", weigh);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.remove("over"); });
  }
  zone.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length !== 1) return;
    input.files = event.dataTransfer.files;
    weigh();
  });
}

// Brings the page's content up to date now and then, but not under somebody's hands.
function renew(seconds) {
  window.setInterval(async () => {
    const main = document.getElementById("main");
    if (document.hidden || main.contains(document.activeElement)) return;
    try {
      const answer = await fetch(window.location.href);
      if (answer.redirected) return window.location.reload(); // signed out
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      main.replaceChildren(...page.getElementById("main").childNodes);
      reach();
    } catch { /* the network is away: again later */ }
  }, 1000 * seconds);
}

// What scrolls sideways can be scrolled with the keyboard, too.
function reach() {
  for (const box of document.querySelectorAll(".scroll, :is(p, li, dd, div):has(> math)")) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  }
}

reach();
window.addEventListener("resize", reach);
const often = document.querySelector("meta[name=renew]");
if (often) renew(Number(often.content));
const live = document.getElementById("live");
if (live && live.dataset.events) follow(live);
document.querySelectorAll("[data-drop]").forEach(dropInto);
document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    window.setTimeout(() => { button.disabled = true; }, 0);
    window.addEventListener("pageshow", () => { button.disabled = false; });
  });
});
