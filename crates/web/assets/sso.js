// Offers the identity providers: the staff's at once, an organization's when its people's address is typed.
const place = document.getElementById("providers");
const address = document.getElementById("email");
const told = document.getElementById("status");
let asked = null;

function fail(text) {
  told.textContent = text;
  told.className = "error";
}

async function go(provider) {
  try {
    const answer = await fetch(`/api/auth/sso/${provider}/start`, { method: "POST" });
    const data = await answer.json();
    if (!answer.ok) return fail(data.detail);
    location.assign(data.url);
  } catch {
    fail(place.dataset.lost);
  }
}

async function offer() {
  const domain = address.value.includes("@") ? address.value.split("@").pop().trim() : "";
  if (domain === asked) return;
  asked = domain;
  const query = domain ? `?domain=${encodeURIComponent(domain)}` : "";
  const answer = await fetch(`/api/auth/sso${query}`).catch(() => null);
  const items = answer?.ok ? (await answer.json()).items : [];
  if (asked !== domain) return;
  place.replaceChildren(...items.map((item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = place.dataset.with.replace("{}", item.name);
    button.addEventListener("click", () => go(item.id));
    return button;
  }));
}

address.addEventListener("change", offer);
offer();
