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
  if (answer.secret) at("secret").textContent = answer.secret;
  if (answer.login) {
    at("pending").hidden = !pending;
    at("login").textContent = answer.login;
    const url = new URL(answer.url);
    if (url.protocol === "http:" || url.protocol === "https:") at("open").href = url.href;
  }
  end(pending ? form.dataset.pending : form.dataset.done);
}

async function send(body) {
  let answer, data;
  try {
    answer = await fetch(form.dataset.to, {
      method: "POST",
      headers: { "Content-Type": "application/json", Prefer: "wait=60" },
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
    const label = form.querySelector("label").textContent;
    refuse(data.errors.map((error) => `${label}: ${error.detail}.`).join(" "));
  } else {
    say(data.detail, true);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  const body = { token };
  if (fields.length) {
    const [password, again] = fields.map((field) => field.value);
    if ([...password].length < Number(form.dataset.shortest)) return refuse(form.dataset.short);
    if (password !== again) return refuse(form.dataset.differ);
    body.new_password = password;
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

if (!token) {
  at("ask").hidden = true;
  say(form.dataset.incomplete, true);
}
