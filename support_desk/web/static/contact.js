// Help while typing: the town of a postal code, and the furigana that the keyboard knows. The form works without it.
"use strict";

const postalCode = document.getElementById("claimed_postal_code");
const town = document.getElementById("claimed_postal_code-town");
const name = document.getElementById("name");
const kana = document.getElementById("name_kana");

async function showTown() {
  const digits = postalCode.value.normalize("NFKC").replace(/\D/g, "");
  town.textContent = "";
  if (digits.length !== 7) return;
  const answer = await fetch(`/api/v1/postal-codes/${digits}`);
  if (!answer.ok) return;
  const { items } = await answer.json();
  town.textContent = items.slice(0, 5).map((item) => `${item.prefecture}${item.city}${item.town}`).join(" / ");
}

// While an IME composes, the text it shows is still kana: it is kept until it becomes kanji.
let heard = "";
let known = "";
function toKatakana(text) {
  return text.replace(/[ぁ-ゖ]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x60));
}

if (postalCode && town) postalCode.addEventListener("change", () => showTown().catch(() => {}));
if (name && kana) {
  name.addEventListener("compositionupdate", (event) => {
    if (/^[ぁ-ゖァ-ヶー]+$/.test(event.data)) heard = event.data;
  });
  name.addEventListener("compositionend", (event) => {
    if (heard && event.data && kana.value === known) {
      known = kana.value = (known ? `${known} ` : "") + toKatakana(heard);
    }
    heard = "";
  });
}
