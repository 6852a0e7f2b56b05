// Sends a one-time link's token, which stands behind the # so that no server and no log sees it in an address.
const at = (id) => document.getElementById(id);
const form = at("link");
const fields = [...form.querySelectorAll("input")];
const token = location.hash.slice(1);
let busy = false;

function say(text, bad) {
  at("status").textContent = text;
  at("status").className = bad ? "error" : "";
}

// Refuses what stands in the fields, and goes back to the first of them.
function refuse(text) {
  say(text, true);
  for (const field of fields) field.ariaInvalid = "true";
  fields[0]?.focus();
}

// There is nothing more to ask: the heading tells why, and a reader of the screen hears it.
function end(title) {
  at("ask").hidden = true;
  at("heading").textContent = title;
  document.title = `${title} · Tenantry`;
  at("heading").focus();
}

function finish(answer) {
  const pending = answer.done === false;
  say("", false);
  at("done").hidden = false;
  if (answer.login) {
    if (at("pending")) at("pending").hidden = !pending;
    at("login").textContent = answer.login;
    const url = new URL(answer.url);
    if (url.protocol === "http:" || url.protocol === "https:") at("open").href = url.href;
  }
  end(pending ? form.dataset.pending : form.dataset.done);
}

// Somebody who is signed in joins with the account that they have, and has no password to choose.
async function account() {
  if (form.dataset.to !== "/api/auth/link") return null;
  const answer = await fetch("/api/auth/me").catch(() => null);
  return answer?.ok ? answer.json() : null;
}

async function send(body) {
  let answer, data;
  try {
    const own = await signedIn;
    answer = await fetch(form.dataset.to, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Prefer: "wait=60",
        ...(own ? { "X-CSRF-Token": own.csrf_token } : {}),
      },
      body: JSON.stringify(body),
    });
    data = await answer.json();
  } catch {
    return say(form.dataset.lost, true);
  }
  if (answer.ok) {
    history.replaceState(null, "", location.pathname);
    finish(data);
  } else if (answer.status === 410) {
    say(data.detail, true);
    end(data.title);
  } else if (data.errors?.length && fields.length) {
    const label = (name) => {
      const field = fields.find((field) => field.name === name);
      return field ? field.labels[0].textContent : name;
    };
    refuse(data.errors.map((error) => `${label(error.field)}: ${error.detail}.`).join(" "));
  } else {
    say(data.detail, true);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  const body = { token };
  if (form.querySelector("input")) {
    const [password, again] = fields.filter((field) => field.type === "password").map((field) => field.value);
    if ([...password].length < Number(form.dataset.shortest)) return refuse(form.dataset.short);
    if (password !== again) return refuse(form.dataset.differ);
    for (const field of fields) if (field.name && field.value) body[field.name] = field.value;
  }
  // Not "disabled", which would take the focus away.
  const button = form.querySelector("button");
  busy = true;
  button.ariaDisabled = "true";
  say(form.dataset.sending, false);
  await send(body);
  busy = false;
  button.ariaDisabled = null;
});

for (const field of fields) {
  field.addEventListener("input", () => fields.forEach((other) => { other.ariaInvalid = null; }));
}

// Another link opened in the same tab changes nothing but what stands behind the #.
addEventListener("hashchange", () => location.reload());

const signedIn = account();
signedIn.then((own) => {
  if (own && form.dataset.joins) form.querySelectorAll("label, input, .hint").forEach((part) => part.remove());
});

if (!token) {
  at("ask").hidden = true;
  say(form.dataset.incomplete, true);
}
