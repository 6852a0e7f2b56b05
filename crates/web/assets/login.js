// Signs in and out, in one step or in two. The tokens are in cookies that no script can read.
import { ask, at, me, once, say } from "./account.js";
import { get, known } from "./webauthn.js";

const form = at("login");
const second = at("second");
// What the second step waits for, while it does.
let waiting = null;

// Where to go on: to a page of ours that was asked for, else to where whoever it is belongs; the server knows where that is.
function go() {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  location.replace(`/login?next=${encodeURIComponent(next)}`);
}

// A cookie says whether somebody was signed in here lately; without it nothing is asked.
const lately = () => document.cookie.split("; ").includes("known=1");

function forget() {
  document.cookie = "known=; Path=/; Max-Age=0; SameSite=Lax";
}

async function show() {
  const again = new URLSearchParams(location.search).has("again");
  if (!waiting && lately() && !again) {
    const who = await me().catch(() => null);
    if (who) return go();
    forget();
  }
  form.hidden = Boolean(waiting);
  second.hidden = !waiting;
  at("alone").hidden = !known();
  if (waiting) at("code").focus();
  else at("email").focus();
}

// Has a passkey sign; nothing when its holder thought better of it.
async function sign(options) {
  try {
    return await get(options);
  } catch {
    say(second.dataset.broken, true);
    return null;
  }
}

async function inside(answer) {
  if (!answer.ok) {
    // 410: whoever waits too long begins anew.
    if (answer.status === 410) waiting = null;
    say(answer.data.detail, true);
    return show();
  }
  waiting = null;
  say("", false);
  if (answer.data.requires_setup) return location.assign(answer.data.redirect_url);
  go();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => {
    say(form.dataset.sending, false);
    const answer = await ask("POST", "/api/auth/login", { email: at("email").value, password: at("password").value });
    at("password").value = "";
    if (!answer.ok || !answer.data.requires_totp) return inside(answer);
    waiting = answer.data;
    at("code").value = "";
    at("code-part").hidden = !waiting.methods.some((method) => method === "totp" || method === "recovery");
    at("passkey").hidden = !waiting.passkey || !known();
    say(waiting.message, false);
    await show();
  });
});

second.addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => {
    say(form.dataset.sending, false);
    const body = { challenge: waiting.challenge, totp_code: at("code").value };
    at("code").value = "";
    await inside(await ask("POST", "/api/auth/totp/verify", body));
  });
});

at("passkey").addEventListener("click", () => once(async () => {
  const credential = await sign(waiting.passkey);
  if (!credential) return;
  // It is good for one answer, right or wrong.
  at("passkey").hidden = true;
  await inside(await ask("POST", "/api/auth/totp/verify", { challenge: waiting.challenge, credential }));
}));

at("again").addEventListener("click", () => once(async () => {
  waiting = null;
  say("", false);
  await show();
}));

at("alone").addEventListener("click", () => once(async () => {
  const asked = await ask("POST", "/api/auth/passkey/options");
  if (!asked.ok) return say(asked.data.detail, true);
  const credential = await sign(asked.data.options);
  if (!credential) return;
  await inside(await ask("POST", "/api/auth/passkey/login", { challenge: asked.data.challenge, credential }));
}));

show();
