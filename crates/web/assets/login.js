// Signs in and out. The tokens are in cookies that no script can read.
const at = (id) => document.getElementById(id);
const form = at("login");
let busy = false;

function say(text, bad) {
  at("status").textContent = text;
  at("status").className = bad ? "error" : "";
}

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  return { ok: answer.ok, status: answer.status, data: await answer.json().catch(() => ({})) };
}

async function me() {
  let answer = await ask("GET", "/api/auth/me");
  if (answer.status === 401) {
    const renewed = await ask("POST", "/api/auth/refresh");
    // 409: another tab was quicker, and its cookies are ours, too.
    if (renewed.ok || renewed.status === 409) answer = await ask("GET", "/api/auth/me");
  }
  return answer.ok ? answer.data : null;
}

async function show() {
  const who = await me().catch(() => null);
  form.hidden = Boolean(who);
  at("inside").hidden = !who;
  at("who").textContent = who ? who.email : "";
  if (!who) at("email").focus();
}

async function once(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
  } catch {
    say(form.dataset.lost, true);
  }
  busy = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => {
    say(form.dataset.sending, false);
    const answer = await ask("POST", "/api/auth/login", { email: at("email").value, password: at("password").value });
    at("password").value = "";
    if (!answer.ok) return say(answer.data.detail, true);
    say("", false);
    await show();
    at("heading").focus();
  });
});

at("leave").addEventListener("click", () => once(async () => {
  const answer = await ask("POST", "/api/auth/logout");
  say(answer.data.message ?? answer.data.detail, !answer.ok);
  await show();
}));

show();
