// The page of a download's link: what it opens, and whether that is ready. The token stands behind the # and goes out in a form.
const at = (id) => document.getElementById(id);
const words = at("ask").dataset;
const token = location.hash.slice(1);
const AGAIN_AFTER = 3000;

function say(text, bad) {
  at("status").textContent = text;
  at("status").className = bad ? "error" : "";
}

function show(download) {
  const until = new Date(download.expires_at).toLocaleString(document.documentElement.lang);
  at("file").textContent = download.file_name;
  at("until").textContent = at("until").dataset.until.replace("{}", until)
    + (download.repeatable ? "" : ` ${at("until").dataset.once}`);
  at("ask").hidden = false;
  at("fetch").hidden = download.state !== "ready";
  if (download.state === "failed") say(words.failed, true);
  else if (download.state === "ready") say("", false);
  else {
    say(words.preparing, false);
    setTimeout(look, AGAIN_AFTER);
  }
}

async function look() {
  let answer, data;
  try {
    answer = await fetch("/download/state", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    data = await answer.json();
  } catch {
    say(words.lost, true);
    return setTimeout(look, AGAIN_AFTER);
  }
  if (answer.ok) return show(data);
  at("ask").hidden = true;
  at("heading").textContent = data.title;
  say(data.detail, true);
}

at("fetch").addEventListener("submit", () => {
  at("fetch").elements.token.value = token;
  say(words.began, false);
  // The file goes on by itself; neither the history nor a shoulder needs the token any more.
  setTimeout(() => history.replaceState(null, "", location.pathname), 0);
});

// Another link opened in the same tab changes nothing but what stands behind the #.
addEventListener("hashchange", () => location.reload());

if (token) look();
else say(words.incomplete, true);
