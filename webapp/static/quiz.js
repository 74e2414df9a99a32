// A sitting with a script: answers travel by themselves, the clock moves, an order is made with buttons. Without a
// script the same form does all of it with its own buttons. Nothing is kept in the browser but this page.
"use strict";
(() => {
  const form = document.getElementById("sheet");
  if (!form) return;
  const words = form.dataset;
  const line = document.getElementById("line");
  const FIRST_WAIT = 1000, LONGEST_WAIT = 30000, PAUSE = 900, AT_ONCE = 120;
  const questions = new Map();
  let lost = false, over = false, leaving = false;

  async function renew() {
    const answer = await fetch(words.time, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) form.elements.csrf_token.value = (await answer.json()).key;
  }
  const told = (text) => { line.hidden = !text; if (line.textContent !== text) line.textContent = text; };
  const fill = (text, n) => text.replace("{n}", n);

  // ------------------------------------------------------------------------------------------------ answers

  class Question {
    constructor(section) {
      this.section = section;
      this.position = section.dataset.position;
      this.open = Boolean(this.field("r"));
      this.dirty = this.busy = false;
      this.body = null; // what was sent and not yet answered: it is sent again as it was
      this.wait = FIRST_WAIT;
      this.timer = 0;
      this.since = performance.now();
    }

    field(letter) { return form.elements[letter + this.position]; }
    show(name, text) {
      const place = this.section.querySelector(`[data-${name}]`);
      if (place) place.textContent = text;
    }

    changed(pause) {
      if (!this.open || over) return;
      this.dirty = true;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.save(), pause);
    }

    fields() {
      const mine = new RegExp(`^[arws]${this.position}(-.*)?$`);
      const body = new FormData();
      for (const [name, value] of new FormData(form)) if (name === "csrf_token" || mine.test(name)) body.append(name, value);
      body.set(`s${this.position}`, ((performance.now() - this.since) / 1000).toFixed(1));
      this.since = performance.now();
      return body;
    }

    async save() {
      window.clearTimeout(this.timer);
      if (this.busy || !this.open || (!this.dirty && !this.body)) return;
      this.busy = true;
      if (!this.body) { this.body = this.fields(); this.dirty = false; }
      this.body.set("csrf_token", form.elements.csrf_token.value);
      this.show("saved", words.saving);
      try {
        const answer = await fetch(`${words.answers}/${this.position}`,
          { method: "POST", body: this.body, headers: { Accept: "application/json" } });
        if (answer.redirected) this.later(words.out); // signed out
        else if (!(answer.headers.get("Content-Type") || "").includes("json") && answer.status === 400) {
          await renew(); // signed in anew since: the key of this form is an old one
          this.later(words.out);
        } else if (answer.status === 429 || answer.status >= 500) this.later(words.lost);
        else this.kept(answer.status, await answer.json());
      } catch { this.later(words.lost); }
      this.busy = false;
      if (!this.body && this.dirty) this.changed(0);
    }

    later(text) {
      lost = true;
      told(text);
      this.show("saved", "");
      this.timer = window.setTimeout(() => this.save(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }

    kept(status, data) {
      this.body = null;
      this.wait = FIRST_WAIT;
      if (lost && ![...questions.values()].some((one) => one.body)) { lost = false; told(words.back); }
      if (status === 200) return this.saved(data);
      this.show("saved", "");
      if (data.stale) {
        this.section.querySelector("[data-panel]").innerHTML = data.html; // made by our own templates
        this.open = false; // until the person has chosen
      } else if (data.ended) {
        end(data.text, data.address);
      } else {
        this.show("said", data.text || "");
        this.section.querySelector(".unclear").hidden = !data.text;
      }
    }

    saved(data) {
      this.field("r").value = data.revision;
      this.field("w").value = data.was;
      this.show("saved", this.dirty ? words.saving : data.saved);
      this.show("said", data.said);
      this.section.querySelector(".unclear").hidden = !data.said;
      const reading = this.section.querySelector("[data-reading]");
      reading.innerHTML = data.reading; // made by our own templates
      reading.parentElement.hidden = !data.reading;
      const place = form.querySelector(`[data-place="${this.position}"]`);
      if (place) {
        place.classList.remove("empty", "answered", "unclear");
        place.classList.add(data.state);
        place.querySelector("[data-word]").textContent = data.word;
      }
      if (clock && data.left !== null) clock.set(data.left);
    }

    get waiting() { return this.open && (this.dirty || this.busy || Boolean(this.body)); }
  }

  for (const section of form.querySelectorAll("section.question")) questions.set(section, new Question(section));
  const of = (target) => questions.get(target.closest && target.closest("section.question"));
  const waiting = () => [...questions.values()].filter((one) => one.waiting);

  form.addEventListener("input", (event) => {
    const typing = event.target.matches("textarea, input[type=text]");
    if (of(event.target)) of(event.target).changed(typing ? PAUSE : AT_ONCE);
  });
  form.addEventListener("focusin", (event) => {
    const here = of(event.target);
    if (here && here !== form.current) { here.since = performance.now(); form.current = here; }
  });
  form.addEventListener("focusout", (event) => { if (of(event.target) && of(event.target).dirty) of(event.target).save(); });
  window.addEventListener("online", () => { for (const one of questions.values()) one.save(); });
  window.addEventListener("beforeunload", (event) => { if (!leaving && !over && waiting().length) event.preventDefault(); });

  async function flush(patience) {
    const until = performance.now() + patience;
    while (waiting().length && performance.now() < until) {
      for (const one of waiting()) one.save();
      await new Promise((done) => window.setTimeout(done, 60));
    }
    return !waiting().length;
  }

  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (leaving) return;
    if (![...questions.values()].some((one) => one.busy || one.body) && navigator.onLine) { leaving = true; return; }
    event.preventDefault(); // what is on its way arrives first; where the line is lost this page stays
    if (navigator.onLine && await flush(4000)) { leaving = true; form.requestSubmit(button); } else told(words.lost);
  });
  window.addEventListener("pageshow", (event) => { leaving = false; if (event.persisted) window.location.reload(); });

  function end(text, address) {
    over = true;
    told(text);
    line.append(" ", Object.assign(document.createElement("a"), { href: address, textContent: "→" }));
    for (const area of form.querySelectorAll("fieldset, section button, .steps button")) area.disabled = true;
  }

  // ------------------------------------------------------------------------------------------------ the clock

  class Clock {
    constructor(box) {
      this.box = box;
      this.words = document.getElementById("clock-words");
      this.news = document.getElementById("clock-news");
      this.said = 0;
      this.set(Number(box.dataset.left));
      for (const minutes of [1, 5, 10]) if (this.left() < minutes * 60 - 60) this.said = Math.max(this.said, 11 - minutes);
      this.tick();
      document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
      window.setInterval(() => this.tick(), 1000);
      window.setInterval(() => this.ask(), 60000);
    }

    set(left) { this.end = performance.now() + left * 1000; }
    left() { return Math.max(0, (this.end - performance.now()) / 1000); }

    async ask() {
      try {
        const answer = await fetch(words.time, { headers: { Accept: "application/json" } });
        if (!answer.ok || answer.redirected) return;
        const data = await answer.json();
        if (!data.open) { leaving = true; window.location.assign(data.address); } else if (data.left !== null) this.set(data.left);
      } catch { /* the network is away; the clock goes on */ }
    }

    tick() {
      const left = this.left();
      if (this.words) {
        const text = left >= 60 ? `${Math.ceil(left / 60)}${this.box.dataset.minutes}` : this.box.dataset.last;
        if (this.words.textContent !== text) this.words.textContent = text;
      }
      for (const minutes of [10, 5, 1]) {
        if (left <= minutes * 60 && left > 0 && this.said < 11 - minutes) {
          this.said = 11 - minutes;
          this.news.textContent = minutes === 1 ? this.box.dataset.sayOne : fill(this.box.dataset.say, minutes);
        }
      }
      if (left === 0 && !this.ended) { this.ended = true; this.finish(); }
    }

    async finish() {
      told(this.box.dataset.over);
      await flush(3000);
      over = true;
      window.setTimeout(() => this.ask(), 6000); // answers on their way are still taken that long
      window.setInterval(() => this.ask(), 10000);
    }
  }
  const box = document.getElementById("clock");
  const clock = box ? new Clock(box) : null;

  // ------------------------------------------------------------------------------------------------ an order

  const news = document.createElement("p");
  news.className = "hidden-text";
  news.setAttribute("role", "status");
  form.append(news);

  function orderly(list) {
    const shut = list.closest("fieldset").disabled;
    const button = (text, sign, step) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", className: "second move", textContent: sign, disabled: shut });
      made.dataset.step = step;
      made.setAttribute("aria-label", text);
      return made;
    };
    for (const row of list.children) {
      row.querySelector("select").hidden = true;
      const moves = document.createElement("span");
      moves.className = "moves";
      const what = row.querySelector(".what");
      for (const one of [button(words.up, "↑", -1), button(words.down, "↓", 1)]) {
        one.id = `${what.id}${one.dataset.step}`;
        one.setAttribute("aria-labelledby", `${one.id} ${what.id}`);
        moves.append(one);
      }
      what.parentElement.append(moves);
    }
    const unset = () => Array.from(list.children).some((row) => !row.querySelector("select").value);
    list.classList.toggle("unset", unset());
    if (unset() && !shut) {
      const note = document.createElement("p");
      Object.assign(note, { className: "small soft note", textContent: words.unordered });
      list.before(note);
    }
    list.addEventListener("click", (event) => {
      const moved = event.target.closest(".move");
      if (!moved) return;
      const row = moved.closest("li"), step = Number(moved.dataset.step);
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (other) list.insertBefore(step < 0 ? row : other, step < 0 ? other : row);
      Array.from(list.children).forEach((one, place) => { one.querySelector("select").value = place + 1; });
      list.classList.remove("unset");
      moved.focus();
      news.textContent = fill(words.moved, Array.from(list.children).indexOf(row) + 1);
      of(list).changed(PAUSE);
    });
  }
  form.querySelectorAll("[data-order]").forEach(orderly);

  // ------------------------------------------------------------------------------------------------ small things

  form.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  if (window.matchMedia("(pointer: coarse)").matches) {
    for (const input of form.querySelectorAll(".kind-number input")) { // a keypad has no minus everywhere
      input.inputMode = "decimal";
      const sign = document.createElement("button");
      Object.assign(sign, { type: "button", className: "second move", textContent: "±" });
      sign.disabled = input.disabled;
      sign.addEventListener("click", () => {
        input.value = input.value.startsWith("-") ? input.value.slice(1) : `-${input.value}`;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.focus();
      });
      input.before(sign);
    }
  }
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    const section = event.target.closest("section.question");
    const button = (section && section.querySelector('[value^="check:"]')) || form.querySelector('.steps [value="next"]');
    if (button) { event.preventDefault(); button.click(); }
  });
})();
