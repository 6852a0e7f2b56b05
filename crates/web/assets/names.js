// Says while it is typed whether a subdomain can be had.
import { ask, word } from "./api.js";

const PAUSE = 300;
let timer = 0;

function say(field, tone, text) {
  const place = document.getElementById(field.dataset.name);
  place.className = tone === "bad" ? "field-error" : tone === "good" ? "field-good" : "hint";
  place.textContent = text;
}

async function look(field) {
  const name = field.value.trim().toLowerCase();
  if (name.length < 3) return say(field, "", "");
  const answer = await ask("GET", `/api/tenants/${encodeURIComponent(name)}`).catch(() => null);
  if (!answer || field.value.trim().toLowerCase() !== name) return;
  if (answer.ok) say(field, "bad", word("name_taken"));
  else if (answer.status === 404) say(field, "good", word("name_free", name));
  else say(field, "bad", answer.data.errors?.[0]?.detail ?? answer.data.detail);
}

// The name that a company's suggests, until somebody types another.
function suggest(company) {
  const field = company.form.querySelector("[data-name]");
  if (!field || field.dataset.own) return;
  field.value = company.value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/\b(s\.?\s?r\.?\s?l|s\.?\s?a|inc|ltd|llc)\b\.?/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  look(field);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-name]")) {
    field.dataset.own = field.value ? "yes" : "";
    clearTimeout(timer);
    timer = setTimeout(() => look(field), PAUSE);
  }
  if (field.matches("[data-suggests]")) {
    clearTimeout(timer);
    timer = setTimeout(() => suggest(field), PAUSE);
  }
});
