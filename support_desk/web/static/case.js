// What makes the case page fresher than a reload does. Everything works without it.
"use strict";

const SOON = 3000;
const USUAL = 15000;

function typing(main) {
  const fields = [...main.querySelectorAll("input:not([type=hidden]):not([type=radio]), textarea")];
  return main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
    || fields.some((field) => field.value !== field.defaultValue);
}

async function look() {
  const main = document.querySelector("main[data-mark]");
  if (!main || document.hidden) return;
  const answer = await fetch(main.dataset.page, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-mark]");
  if (!fresh || fresh.dataset.mark === main.dataset.mark) return;
  if (typing(main)) {
    document.getElementById("something-new").hidden = false;
    return;
  }
  const open = [...main.querySelectorAll("details[open][id]")].map((each) => each.id);
  main.replaceWith(fresh);
  open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
}

function wait() {
  const main = document.querySelector("main[data-mark]");
  if (!main) return;
  window.setTimeout(() => look().catch(() => {}).finally(wait), main.dataset.waiting ? SOON : USUAL);
}

wait();
