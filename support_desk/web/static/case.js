// What makes the case page fresher than a reload does. Everything works without it.
"use strict";

const SOON = 2000;
const USUAL = 15000;
const SLOWER = 1.4;

function typing(main) {
  const fields = [...main.querySelectorAll("input:not([type=hidden]):not([type=radio]), textarea")];
  if (fields.some((field) => field.checked !== undefined && field.checked !== field.defaultChecked)) return true;
  return main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
    || fields.some((field) => field.value !== field.defaultValue);
}

// Whether the page shows something else than before.
async function look() {
  const main = document.querySelector("main[data-mark]");
  if (document.hidden) return false;
  const answer = await fetch(main.dataset.page, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-mark]");
  if (!fresh || fresh.dataset.mark === main.dataset.mark) return false;
  if (typing(main)) {
    document.getElementById("something-new").hidden = false;
    return false;
  }
  const open = [...main.querySelectorAll("details[open][id]")].map((each) => each.id);
  main.replaceWith(fresh);
  open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  return true;
}

// What is being prepared comes within seconds; what does not come is asked for less and less often.
function wait(milliseconds) {
  window.setTimeout(async () => {
    const changed = await look().catch(() => false);
    wait(changed ? first() : Math.min(milliseconds * SLOWER, USUAL));
  }, milliseconds);
}

function first() {
  return document.querySelector("main[data-mark]").dataset.waiting ? SOON : USUAL;
}

if (document.querySelector("main[data-mark]")) wait(first());
