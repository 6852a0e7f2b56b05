// Dialogs and forms that change something: what is typed goes to the API as JSON, and what it answers is shown by field.
import { Lost, ask, word } from "./api.js";
import { choose, fill, path } from "./fill.js";
import { follow, soon } from "./live.js";
import { toast } from "./toast.js";

const opened = new WeakMap();

function value(field) {
  if (field.dataset.type === "moment") return field.value === "" ? undefined : new Date(field.value).toISOString();
  if (field.type === "checkbox") return field.checked;
  if (field.dataset.type === "number") {
    const typed = field.value === "" ? field.dataset.empty : field.value;
    return typed === undefined ? undefined : Math.round(Number(typed) * Number(field.dataset.scale ?? 1));
  }
  if (field.dataset.type === "list") return field.value.split(/[\s,]+/).filter(Boolean);
  if (field.dataset.type === "json") return JSON.parse(field.value);
  if (field.value === "") return field.dataset.empty === "null" ? null : field.dataset.empty;
  return field.value;
}

export function values(form) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.type === "radio" && !field.checked)) continue;
    const given = value(field);
    if (given === undefined) continue;
    const [last, ...above] = field.name.split(".").reverse();
    above.reverse().reduce((into, name) => (into[name] ??= {}), found)[last] = given;
  }
  return found;
}

export function clear(form) {
  form.querySelector(".form-error")?.replaceChildren();
  for (const part of form.querySelectorAll(".field-error[data-made]")) part.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

// The field of this name; of what has parts, the first of them.
function name(form, field) {
  const open = [...form.elements].filter((one) => !one.disabled);
  return open.find((one) => one.name === field) ?? open.find((one) => one.name.startsWith(`${field}.`));
}

// Shows a problem where it belongs: at its field, or above the buttons.
export function refuse(form, data) {
  const apart = [];
  let first = null;
  for (const error of data.errors ?? []) {
    const field = name(form, error.field);
    if (!field) {
      apart.push(`${error.field}: ${error.detail}`);
      continue;
    }
    const said = document.createElement("p");
    said.className = "field-error";
    said.dataset.made = "yes";
    said.id = `${field.id}-error`;
    said.textContent = error.detail;
    field.ariaInvalid = "true";
    field.setAttribute("aria-describedby", `${field.dataset.hint ?? ""} ${said.id}`.trim());
    (field.closest(".field") ?? field.parentElement).append(said);
    first ??= field;
  }
  const general = data.errors?.length ? apart.join("; ") : (data.detail ?? data.title ?? word("failed"));
  const place = form.querySelector(".form-error");
  if (place) place.textContent = general;
  else if (general) toast("bad", general);
  first?.focus();
}

function shown(form, data) {
  const outcome = form.querySelector("[data-outcome]");
  if (!outcome) return false;
  fill(outcome, data);
  choose(outcome, data);
  form.querySelector("[data-fields]").hidden = true;
  outcome.hidden = false;
  outcome.querySelector("[tabindex], button, input")?.focus();
  return true;
}

// What is under way says so, and says how it ended only when it has.
function pursue(form, data, subject) {
  const id = data.operation_id ?? data.operation ?? (String(data.id).startsWith("ope_") ? data.id : null);
  const doing = form.dataset.doing ?? word("doing");
  const done = form.dataset.done ?? word("done");
  const state = data.id === id ? data.state : null;
  if (!id || state === "succeeded") return toast("good", `${done} ${subject}`.trim());
  const told = toast("busy", `${doing} ${subject}`.trim());
  const tell = (operation) => {
    if (operation.state === "succeeded") told.tell("good", `${done} ${subject}`.trim());
    if (operation.state === "failed") told.tell("bad", `${word("failed")} ${operation.failure?.detail ?? ""}`);
  };
  follow(id, tell);
  // It may have ended before anybody listened.
  ask("GET", `/api/operations/${id}`).then((now) => now.ok && tell(now.data), () => {});
  return null;
}

async function finish(form, answer, dialog, all) {
  const subject = all.company ?? all.subdomain ?? all.name ?? "";
  if (form.dataset.then?.startsWith("go:")) {
    return location.assign(path(form.dataset.then.slice(3), { ...all, ...answer.data }).filled.replaceAll("%2F", "/"));
  }
  if (form.dataset.then === "reload") return location.reload();
  if (shown(form, { ...all, ...answer.data })) return soon();
  if (dialog) dialog.close();
  form.reset();
  if (answer.status === 202) pursue(form, answer.data, subject);
  else toast("good", `${form.dataset.done ?? word("done")} ${subject}`.trim());
  return soon();
}

async function submit(form) {
  if (form.dataset.busy) return;
  const dialog = form.closest("dialog");
  const typed = values(form);
  const all = { ...opened.get(dialog), ...typed };
  const [method, pattern] = form.dataset.api.split(" ");
  const { filled, used } = path(pattern, all);
  clear(form);
  const body = Object.fromEntries(Object.entries(typed).filter(([key]) => !used.includes(key)));
  const bare = method === "DELETE" || form.dataset.bare !== undefined;
  const button = form.querySelector("[type=submit]");
  form.dataset.busy = "yes";
  if (button) button.ariaDisabled = "true";
  try {
    const answer = await ask(method, filled, bare ? undefined : body, { Prefer: form.dataset.wait ?? "wait=5" });
    if (answer.ok) await finish(form, answer, dialog, all);
    else refuse(form, answer.data);
  } catch (error) {
    refuse(form, { detail: error instanceof Lost ? word("lost") : word("failed") });
  }
  delete form.dataset.busy;
  if (button) button.ariaDisabled = null;
}

// The name that is asked for must be the one that is meant.
function confirmable(form) {
  const asked = form.querySelector("[data-equals]");
  if (!asked) return;
  const wanted = (opened.get(form.closest("dialog")) ?? {})[asked.dataset.equals] ?? asked.dataset.value;
  form.querySelector("[type=submit]").disabled = asked.value.trim() !== wanted;
}

export function open(id, data) {
  const dialog = document.getElementById(id);
  if (!dialog) return;
  const before = opened.get(dialog);
  opened.set(dialog, data);
  const form = dialog.querySelector("form");
  // What was typed for the same subject is kept.
  if (form && JSON.stringify(before) !== JSON.stringify(data)) form.reset();
  if (form?.querySelector("[data-outcome]")) {
    form.querySelector("[data-outcome]").hidden = true;
    form.querySelector("[data-fields]").hidden = false;
  }
  fill(dialog, data);
  if (form) {
    clear(form);
    choose(form, { ...data, ...values(form) });
    confirmable(form);
  }
  dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-api]")) return;
  event.preventDefault();
  submit(event.target);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.dataset.api) return;
  event.target.ariaInvalid = null;
  choose(form, { ...opened.get(form.closest("dialog")), ...values(form) });
  confirmable(form);
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const menu = opener.closest("[popover]");
    const from = opener.closest("dialog");
    const given = opener.dataset.values ?? menu?.dataset.values;
    menu?.hidePopover();
    from?.close();
    return open(opener.dataset.open, given ? JSON.parse(given) : (opened.get(from) ?? {}));
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    const text = copier.parentElement.querySelector("code, pre").textContent;
    navigator.clipboard.writeText(text).then(() => toast("good", word("copied")), () => {});
  }
  if (event.target instanceof HTMLDialogElement && event.target.dataset.light !== undefined) event.target.close();
});
