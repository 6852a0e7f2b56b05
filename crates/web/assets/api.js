// Asks the API with the page's session. An access token that has ended is renewed; what wants a proof asks for it first.
import { prove } from "./proof.js";

const texts = JSON.parse(document.body.dataset.words ?? "{}");
let csrf = "";
let renewing = null;

// A text of the page's language, with values in its holes.
export function word(key, ...values) {
  let text = texts[key] ?? key;
  for (const value of values) text = text.replace("{}", () => value);
  return text;
}

// The server did not answer at all.
export class Lost extends Error {}

async function send(method, path, body, headers) {
  const wanted = { ...headers };
  if (csrf) wanted["X-CSRF-Token"] = csrf;
  if (body !== undefined) wanted["Content-Type"] = "application/json";
  try {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return await fetch(path, { method, headers: wanted, body: text });
  } catch {
    throw new Lost();
  }
}

// Two tabs may do it at once; 409 says that the other one was quicker, and its cookies are ours, too.
export function renew() {
  renewing ??= send("POST", "/api/auth/refresh", undefined, {})
    .then((answer) => answer.ok || answer.status === 409)
    .finally(() => { renewing = null; });
  return renewing;
}

export function leave() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Promise(() => {});
}

async function learn() {
  const answer = await send("GET", "/api/auth/me", undefined, {});
  if (answer.status === 401) return (await renew()) ? learn() : leave();
  if (answer.ok) csrf = (await answer.json()).csrf_token;
}

// What a change has to say beside its cookies, for whoever sends one otherwise than by `ask`; and what follows a 401.
export async function credentials() {
  if (!csrf) await learn();
  return { "X-CSRF-Token": csrf };
}

export async function again() {
  return (await renew()) ? learn() : leave();
}

// The answer of the API, its body read. Nobody who is not signed in gets past it.
export async function ask(method, path, body, headers = {}) {
  if (method !== "GET" && !csrf) await learn();
  let answer = await send(method, path, body, headers);
  if (answer.status === 401) {
    if (!(await renew())) return leave();
    await learn();
    answer = await send(method, path, body, headers);
  }
  const data = await answer.json().catch(() => ({}));
  if (data.type === "/problems/step-up-required" && (await prove(data.methods ?? [], ask))) {
    return ask(method, path, body, headers);
  }
  return { ok: answer.ok, status: answer.status, data };
}
