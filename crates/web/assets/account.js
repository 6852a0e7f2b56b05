// What the pages of one's own account share: asking the API with one's cookies, and saying what came of it.
export const at = (id) => document.getElementById(id);
// What a change must repeat, once it is known who is signed in.
let csrf = "";
let busy = false;

export function say(text, bad) {
  at("status").textContent = text ?? "";
  at("status").className = bad ? "error" : "";
}

export async function ask(method, path, body) {
  const headers = {};
  if (csrf) headers["X-CSRF-Token"] = csrf;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  return { ok: answer.ok, status: answer.status, data: await answer.json().catch(() => ({})) };
}

// Who is signed in, if somebody is.
export async function me() {
  let answer = await ask("GET", "/api/auth/me");
  if (answer.status === 401) {
    const renewed = await ask("POST", "/api/auth/refresh");
    // 409: another tab was quicker, and its cookies are ours, too.
    if (renewed.ok || renewed.status === 409) answer = await ask("GET", "/api/auth/me");
  }
  csrf = answer.ok ? answer.data.csrf_token : "";
  return answer.ok ? answer.data : null;
}

// Does one thing at a time.
export async function once(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
  } catch {
    say(document.querySelector("[data-lost]").dataset.lost, true);
  }
  busy = false;
}
