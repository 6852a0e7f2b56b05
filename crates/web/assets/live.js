// What the page shows stays true: changes come as events, and the parts that are marked are fetched anew.
import { renew } from "./api.js";

const QUIET = 250;
const banner = document.getElementById("lost");
const followers = new Map();
let timer = 0;
let lost = 0;
let wait = 1000;
let held = false;

function keep(region, fresh) {
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  region.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
}

// Whether somebody is in the middle of something there.
function busy(region) {
  const active = document.activeElement;
  return region.contains(active) && active.matches("input:not([type=checkbox]), textarea, select");
}

export async function refresh() {
  const regions = document.querySelectorAll("[data-live]");
  if (regions.length === 0) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer) return missing();
  if (new URL(answer.url).pathname !== location.pathname) {
    if (await renew().catch(() => false)) return refresh();
    return location.assign(answer.url);
  }
  if (!answer.ok && answer.status !== 404) return missing();
  present();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // What was shown is gone: the page that says so takes its place.
  if (answer.status === 404) return location.reload();
  for (const region of regions) {
    const fresh = page.getElementById(region.id);
    if (fresh && fresh.outerHTML !== region.outerHTML && !busy(region)) keep(region, fresh);
  }
  document.dispatchEvent(new CustomEvent("refreshed"));
}

export function soon(delay = QUIET) {
  if (held) return;
  held = true;
  setTimeout(() => {
    held = false;
    refresh();
  }, delay);
}

// Says that the server is lost; what the page shows may be old from now on.
function missing() {
  lost ||= Date.now();
  if (banner) banner.hidden = false;
  document.body.dataset.lost = "yes";
}

function present() {
  lost = 0;
  if (banner) banner.hidden = true;
  delete document.body.dataset.lost;
}

// Calls `told` with an operation whenever it moves.
export function follow(id, told) {
  followers.set(id, told);
}

async function ended() {
  for (const [id, told] of followers) {
    const answer = await fetch(`/api/operations/${id}`).catch(() => null);
    if (answer?.ok) tell(await answer.json(), told);
  }
}

function tell(operation, told) {
  if (operation.state === "succeeded" || operation.state === "failed") followers.delete(operation.id);
  told(operation);
}

function connect() {
  const source = new EventSource("/api/events");
  source.addEventListener("hello", () => {
    wait = 1000;
    present();
    // Something may have happened meanwhile, and nobody told.
    ended();
    soon();
  });
  source.addEventListener("operation", (event) => {
    const operation = JSON.parse(event.data);
    const told = followers.get(operation.id);
    if (told) tell(operation, told);
    document.dispatchEvent(new CustomEvent("operation", { detail: operation }));
    soon();
  });
  source.addEventListener("changed", () => soon());
  source.addEventListener("again", () => {
    source.close();
    connect();
  });
  source.onerror = async () => {
    source.close();
    clearTimeout(timer);
    const answer = await fetch("/api/auth/me").catch(() => null);
    if (!answer || answer.status >= 500) missing();
    else if (answer.status === 401 && !(await renew().catch(() => false))) return;
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 1.6, 10000);
  };
}

if (document.querySelector("[data-signed-in]")) {
  connect();
  const rhythm = Number(document.body.dataset.rhythm ?? 0);
  if (rhythm) setInterval(() => document.visibilityState === "visible" && soon(), rhythm * 1000);
  // Before the access token ends, so that no page is ever in its way.
  setInterval(() => renew().catch(() => {}), 10 * 60 * 1000);
}
