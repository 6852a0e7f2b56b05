// Sends a one-time link's token, which stands behind the # so that no server and no log sees it in an address.
const form = document.getElementById("link");
const status = document.getElementById("status");
const token = location.hash.slice(1);

function say(text, bad) {
  status.textContent = text;
  status.className = bad ? "error" : "";
}

function finish(answer) {
  form.hidden = true;
  const done = document.getElementById("done");
  done.hidden = false;
  if (answer.secret) document.getElementById("secret").textContent = answer.secret;
  if (answer.login) {
    document.getElementById("login").textContent = answer.login;
    const url = new URL(answer.url);
    if (url.protocol === "http:" || url.protocol === "https:") document.getElementById("open").href = url.href;
  }
  done.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { token };
  const password = document.getElementById("password");
  if (password) {
    if (password.value !== document.getElementById("again").value) return say(form.dataset.differ, true);
    body.new_password = password.value;
  }
  if (!token) return say(form.dataset.incomplete, true);
  const button = form.querySelector("button");
  button.disabled = true;
  say(form.dataset.sending, false);
  try {
    const answer = await fetch(form.dataset.to, {
      method: "POST",
      headers: { "Content-Type": "application/json", Prefer: "wait=60" },
      body: JSON.stringify(body),
    });
    const data = await answer.json();
    if (!answer.ok) say(data.detail, true);
    else {
      history.replaceState(null, "", location.pathname);
      finish(data);
    }
  } catch {
    say(form.dataset.lost, true);
  }
  button.disabled = false;
});
