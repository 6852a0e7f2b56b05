// Sets one's second factors up. What needs a proof that is not long ago is asked for again once the proof was given.
import { ask, at, me, once, say } from "./account.js";
import { create, get, known } from "./webauthn.js";

const page = at("page");
// What to do again after the proof, and with what it can be given.
let later = null;
let methods = [];

function one(passkey) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  item.textContent = `${passkey.name} `;
  button.type = "button";
  button.textContent = page.dataset.remove.replace("{}", passkey.name);
  button.addEventListener("click", () => once(() => remove(passkey.id)));
  item.append(button);
  return item;
}

async function show() {
  const who = await me();
  if (!who) return location.assign("/login");
  const [status, list] = await Promise.all([ask("GET", "/api/auth/2fa/status"), ask("GET", "/api/auth/passkeys")]);
  if (!status.ok || !list.ok) return say((status.ok ? list : status).data.detail, true);
  const some = status.data.enabled || status.data.passkeys > 0;
  at("must").hidden = !who.requires_setup;
  at("ready").hidden = !some;
  at("totp-none").hidden = status.data.enabled;
  at("totp-there").hidden = !status.data.enabled;
  if (status.data.enabled) at("totp-confirm").hidden = true;
  at("passkeys").hidden = !status.data.passkeys_available || !known();
  at("passkey-list").replaceChildren(...list.data.items.map(one));
  at("recovery").hidden = !some;
  at("left").textContent = status.data.remaining_backup_codes;
  page.hidden = false;
}

// Asks for something; where a proof is wanted first, asks for that, and for the thing again afterwards.
async function guarded(method, path, body, then) {
  const answer = await ask(method, path, body);
  if (answer.data.type === "/problems/step-up-required") {
    later = () => guarded(method, path, body, then);
    methods = answer.data.methods ?? [];
    const typed = methods.filter((way) => way !== "passkey" && way !== "sso");
    at("prove").hidden = false;
    at("prove-text").hidden = typed.length === 0;
    at("proof-password").hidden = !methods.includes("password");
    at("proof-code").hidden = methods.includes("password");
    at("prove-passkey").hidden = !methods.includes("passkey") || !known();
    at("prove-provider").hidden = !methods.includes("sso");
    say(answer.data.title, false);
    return at("prove-heading").focus();
  }
  if (!answer.ok) return say(answer.data.detail, true);
  say(answer.data.message, false);
  await then(answer.data);
}

async function proved(answer) {
  if (!answer.ok) return say(answer.data.detail, true);
  at("prove").hidden = true;
  const again = later;
  later = null;
  if (again) await again();
}

function codes(list) {
  at("codes").hidden = !list?.length;
  at("code-list").textContent = (list ?? []).join("\n");
}

async function signed(work) {
  try {
    return await work();
  } catch {
    say(page.dataset.broken, true);
    return null;
  }
}

const remove = (id) => guarded("DELETE", `/api/auth/passkeys/${id}`, undefined, async () => {
  say(page.dataset.gone, false);
  await show();
});

at("prove").addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => {
    const field = methods.includes("password") ? "password" : "code";
    const body = { [field]: at("proof").value };
    at("proof").value = "";
    await proved(await ask("POST", "/api/auth/step-up", body));
  });
});

at("prove-passkey").addEventListener("click", () => once(async () => {
  const asked = await ask("POST", "/api/auth/step-up/options");
  if (!asked.ok) return say(asked.data.detail, true);
  const credential = await signed(() => get(asked.data.options));
  if (credential) await proved(await ask("POST", "/api/auth/step-up", { challenge: asked.data.challenge, credential }));
}));

at("totp-begin").addEventListener("click", () => once(() => guarded("POST", "/api/auth/2fa/setup", undefined, (begun) => {
  at("totp-picture").src = begun.qr_code;
  at("totp-secret").textContent = begun.secret;
  at("totp-confirm").hidden = false;
  codes(begun.backup_codes);
  at("totp-code").focus();
})));

at("totp-confirm").addEventListener("submit", (event) => {
  event.preventDefault();
  once(() => guarded("POST", "/api/auth/2fa/verify", { code: at("totp-code").value }, async () => {
    at("totp-code").value = "";
    at("totp-secret").textContent = "";
    at("totp-picture").removeAttribute("src");
    await show();
    at("heading").focus();
  }));
});

at("totp-remove").addEventListener("click", () => once(() => guarded("POST", "/api/auth/2fa/disable", {}, async () => {
  codes([]);
  await show();
})));

at("renew").addEventListener("click", () => once(() =>
  guarded("POST", "/api/auth/2fa/backup-codes/regenerate", {}, async (made) => {
    codes(made.backup_codes);
    say(page.dataset.renewed, false);
    await show();
  })));

at("passkey-add").addEventListener("submit", (event) => {
  event.preventDefault();
  once(() => guarded("POST", "/api/auth/passkeys/options", undefined, async (asked) => {
    const credential = await signed(() => create(asked.options));
    if (!credential) return;
    const body = { challenge: asked.challenge, name: at("passkey-name").value, credential };
    await guarded("POST", "/api/auth/passkeys", body, async (added) => {
      at("passkey-name").value = "";
      if (added.backup_codes?.length) codes(added.backup_codes);
      say(page.dataset.added, false);
      await show();
    });
  }));
});

once(show);
