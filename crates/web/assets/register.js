// Registers somebody. While the address is typed it says whether it can be had; what is not right is said at its field.
import { ask, at, once, say } from "./account.js";

const PAUSE = 300;
const form = at("register");
const wished = at("subdomain");
let timer = 0;
let own = false;

const fields = () => [...form.elements].filter((field) => field.name);

function tell(field, text) {
  at(`${field.id}-error`).textContent = text;
  field.ariaInvalid = text ? "true" : null;
}

function state(tone, text) {
  const place = at("subdomain-state");
  place.className = tone === "bad" ? "field-error" : tone === "good" ? "field-good" : "hint";
  place.textContent = text;
}

async function look() {
  const name = wished.value.trim().toLowerCase();
  if (name.length < 3) return state("", "");
  const answer = await ask("GET", `/api/register/address?subdomain=${encodeURIComponent(name)}`).catch(() => null);
  if (!answer || wished.value.trim().toLowerCase() !== name) return;
  if (!answer.ok) return state("bad", answer.data.errors?.[0]?.detail ?? answer.data.detail ?? "");
  if (answer.data.is_free) state("good", wished.dataset.free.replace("{}", () => name));
  else state("bad", wished.dataset.taken);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
}

// The name that a company's suggests, until somebody types another.
function suggested(company) {
  return company.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/\b(s\.?\s?r\.?\s?l|s\.?\s?a|inc|ltd|llc)\b\.?/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
}

form.addEventListener("input", (event) => {
  if (event.target.name) tell(event.target, "");
  if (event.target === wished) {
    own = wished.value !== "";
    soon();
  } else if (event.target.id === "company" && !own) {
    wished.value = suggested(event.target.value);
    soon();
  }
});

function refuse(data) {
  const apart = [];
  let first = null;
  for (const error of data.errors ?? []) {
    const field = fields().find((one) => one.name === error.field);
    if (!field) apart.push(`${error.field}: ${error.detail}`);
    else {
      tell(field, error.detail);
      first ??= field;
    }
  }
  say(data.errors?.length ? apart.join("; ") : (data.detail ?? data.title), true);
  first?.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => {
    const empty = fields().filter((field) => field.required && !field.value.trim());
    for (const field of fields()) tell(field, empty.includes(field) ? form.dataset.required : "");
    if (empty.length) return empty[0].focus();
    say(form.dataset.sending, false);
    const body = Object.fromEntries(fields().map((field) => [field.name, field.value]));
    body.subdomain = body.subdomain.trim().toLowerCase();
    const answer = await ask("POST", "/api/register", body);
    if (!answer.ok) return refuse(answer.data);
    location.assign(answer.data.redirect_url);
  });
});

form.hidden = false;
