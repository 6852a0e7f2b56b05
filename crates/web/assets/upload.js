// The page on which a file goes up and becomes a tenant.
import { Lost, ask, word } from "./api.js";
import { clear, refuse, values } from "./forms.js";
import { follow, soon } from "./live.js";
import { Refused, Sender } from "./pieces.js";
import { toast } from "./toast.js";

const at = (id) => document.getElementById(id);
const form = at("import-form");
const shown = at("upload-progress");
const language = document.documentElement.lang;
let sender = null;
let ready = null;
let marks = [];
const over = new Set();
const hint = at("im-file-hint")?.textContent ?? "";

const say = (key, ...parts) => parts.reduce((text, part) => text.replace("{}", () => part), shown.dataset[key] ?? key);

function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let step = 0;
  for (; bytes >= 1024 && step < units.length - 1; step += 1) bytes /= 1024;
  const digits = step > 0 && bytes < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(bytes)} ${units[step]}`;
}

function time(seconds) {
  const whole = Math.max(Math.round(seconds), 1);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

function told(text, tone = "") {
  at("up-said").textContent = text;
  at("up-said").className = tone;
}

// How far it is; the speed is that of the last ten seconds.
function moved(bytes, all) {
  const now = performance.now();
  marks = [...marks.filter(([moment]) => now - moment < 10000), [now, bytes]];
  const percent = all > 0 ? Math.floor(bytes * 100 / all) : 0;
  at("up-bar").value = percent;
  at("up-bytes").textContent = `${say("of", size(bytes), size(all))} (${percent} %)`;
  const [first, speed] = [marks[0], 1000 * (bytes - marks[0][1]) / Math.max(now - marks[0][0], 1)];
  const known = now - first[0] > 500 && speed > 0;
  at("up-speed").textContent = known ? `${size(speed)}/s · ${say("left", time((all - bytes) / speed))}` : "";
}

function buttons(phase) {
  at("up-pause").hidden = phase !== "sending";
  at("up-resume").hidden = phase !== "held";
  at("up-stop").hidden = phase !== "sending" && phase !== "held";
  at("up-open").hidden = phase !== "done";
  at("im-go").disabled = phase !== "idle" && phase !== "done";
  at("im-file").disabled = at("im-go").disabled;
}

const shows = (upload) => ({
  moved: (bytes) => moved(Math.min(bytes, upload.bytes), upload.bytes),
  waits: (seconds) => { marks = []; at("up-speed").textContent = ""; told(say("again", seconds), "error"); },
  held: (words) => { marks = []; at("up-speed").textContent = ""; buttons("held"); told(words || say("paused"), words ? "error" : ""); },
  goes: () => { buttons("sending"); told(say("sending")); },
});

// What is kept of a file in this browser, so that another one of the same name and size is not taken for it.
const note = (id) => `upload:${id}`;
const kept = (id) => { try { return localStorage.getItem(note(id)); } catch { return null; } };
function keep(id, file) {
  try { localStorage.setItem(note(id), String(file.lastModified)); } catch { /* it is known by name and size alone */ }
}

const named = (file) => [...file.name].filter((one) => one >= " " && one !== "\u007f").slice(0, 200).join("");

// An upload of this file that was begun before, here or elsewhere.
async function begun(file) {
  const answer = await ask("GET", "/api/uploads");
  const fits = (one) => one.file_name === named(file) && one.bytes === file.size && !one.importing
    && (kept(one.id) ?? String(file.lastModified)) === String(file.lastModified);
  return answer.ok ? answer.data.items.find(fits) : undefined;
}

async function upload(file) {
  const known = await begun(file);
  if (known) return known;
  const answer = await ask("POST", "/api/uploads", { bytes: file.size, file_name: named(file) });
  if (!answer.ok) throw new Refused(answer.data);
  return answer.data;
}

// A name that is taken is told before anything is sent.
async function free(name) {
  const answer = await ask("GET", `/api/tenants/${encodeURIComponent(name)}`);
  // What was said while it was typed is said once more, at the field, and not twice.
  if (answer.status !== 404) at("im-free").textContent = "";
  if (answer.ok) throw new Refused({ errors: [{ field: "subdomain", detail: word("name_taken") }] });
  if (answer.status !== 404) throw new Refused(answer.data);
}

async function whole() {
  const file = at("im-file").files[0];
  if (ready && !file) return ready;
  if (!file) throw new Refused({ errors: [{ field: "file", detail: say("choose") }] });
  if (file.size === 0) throw new Refused({ errors: [{ field: "file", detail: say("empty") }] });
  const found = await upload(file);
  keep(found.id, file);
  soon();
  shown.hidden = false;
  at("up-name").textContent = found.file_name;
  moved(found.offset, found.bytes);
  sender = new Sender(found, file, shows(found));
  const all = await sender.all();
  sender = null;
  soon();
  if (!all) return null;
  moved(found.bytes, found.bytes);
  return found;
}

function ended(name, operation) {
  soon();
  // It is told once, whoever is quicker.
  if (over.has(operation.id)) return;
  if (operation.state === "succeeded" || operation.state === "failed") over.add(operation.id);
  if (operation.state === "succeeded") {
    at("up-open").href = `/admin/workspace/${encodeURIComponent(name)}`;
    buttons("done");
    told(say("done"));
    toast("good", `${form.dataset.done} ${name}`);
    form.reset();
    at("im-file-hint").textContent = hint;
    at("im-free").textContent = "";
    ready = null;
  } else if (operation.state === "failed") {
    buttons("idle");
    told(`${say("refused")} ${operation.failure?.detail ?? ""}`, "error");
  }
}

async function become(found) {
  const given = values(form);
  delete given.file;
  told(say("checking"));
  const answer = await ask("POST", "/api/imports", { ...given, upload: found.id }, { Prefer: "respond-async" });
  if (!answer.ok) {
    use(found);
    throw new Refused(answer.data);
  }
  told(say("importing"));
  at("up-speed").textContent = "";
  soon();
  const id = answer.data.operation_id ?? answer.data.operation ?? answer.data.id;
  follow(id, (operation) => ended(given.subdomain, operation));
  // It may have ended before anybody listened.
  const now = await ask("GET", `/api/operations/${id}`).catch(() => ({}));
  if (now.ok) ended(given.subdomain, now.data);
}

async function go() {
  clear(form);
  buttons("busy");
  try {
    await free(form.elements.subdomain.value.trim());
    const found = await whole();
    if (found) await become(found);
    else {
      shown.hidden = true;
      buttons("idle");
    }
  } catch (error) {
    sender = null;
    buttons("idle");
    told("");
    const lost = error instanceof Lost ? { detail: word("lost") } : { detail: say("failed") };
    const data = error instanceof Refused ? error.data : lost;
    refuse(form, data.word ? { detail: say(data.word) } : data);
    soon();
  }
}

// An upload that is whole needs no file.
function use(found) {
  ready = found;
  at("im-file").value = "";
  at("im-file-hint").textContent = `${found.file_name || found.name}: ${say("whole")}`;
  shown.hidden = false;
  at("up-name").textContent = found.file_name || found.name;
  marks = [];
  moved(found.bytes, found.bytes);
  buttons("idle");
  told("");
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  at("im-file").addEventListener("change", async () => {
    const file = at("im-file").files[0];
    ready = null;
    at("im-file").ariaInvalid = null;
    const known = file && (await begun(file).catch(() => null));
    const percent = known ? Math.floor(known.offset * 100 / known.bytes) : 0;
    at("im-file-hint").textContent = known ? say("resumes", `${percent} %`) : hint;
  });
  at("up-pause").addEventListener("click", () => { sender?.pause(); at("up-resume").focus(); });
  at("up-resume").addEventListener("click", () => { sender?.resume(); at("up-stop").focus(); });
  at("up-stop").addEventListener("click", () => { sender?.leave(); at("im-name").focus(); });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-use]")?.closest("[data-upload]");
    if (!chosen || sender) return;
    use(JSON.parse(chosen.dataset.upload));
    at("im-name").focus();
  });
}
