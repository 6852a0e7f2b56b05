// The command palette: Ctrl-K, a few letters, Enter.
import { ask, word } from "./api.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const list = dialog?.querySelector("ul");
let chosen = 0;
let asked = "";

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function places() {
  const links = [...document.querySelectorAll(".nav a")].map((link) => ({ text: link.textContent.trim(), go: link.href }));
  const deeds = [...document.querySelectorAll("[data-command]")].map((button) => ({
    text: button.dataset.command || button.textContent.trim(),
    run: () => button.click(),
  }));
  return [...links, ...deeds];
}

function mark(index) {
  const items = [...list.children];
  chosen = items.length ? (index + items.length) % items.length : 0;
  items.forEach((item, at) => { item.ariaSelected = String(at === chosen); });
  items[chosen]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", items[chosen]?.id ?? "");
}

function show(found) {
  list.replaceChildren(...found.map((one, index) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `palette-${index}`;
    item.textContent = one.text;
    if (one.note) {
      const note = document.createElement("small");
      note.textContent = one.note;
      item.append(note);
    }
    item.addEventListener("click", () => act(one));
    item.act = () => act(one);
    return item;
  }));
  dialog.querySelector("[data-none]").hidden = found.length > 0;
  mark(0);
}

function act(one) {
  dialog.close();
  if (one.go) location.assign(one.go);
  else one.run();
}

async function search() {
  const text = field.value.trim();
  asked = text;
  const own = places().filter((one) => plain(one.text).includes(plain(text)));
  show(own);
  if (text.length < 2) return;
  const answer = await ask("GET", `/api/tenants?limit=7&search=${encodeURIComponent(text)}`).catch(() => null);
  if (asked !== text || !answer?.ok) return;
  const base = dialog.dataset.workspace;
  const tenants = answer.data.items.map((tenant) => ({
    text: tenant.company_name,
    note: tenant.subdomain,
    go: `${base}${encodeURIComponent(tenant.subdomain)}`,
  }));
  show([...tenants, ...own]);
}

function open() {
  field.value = "";
  search();
  dialog.showModal();
  field.placeholder = word("palette");
}

if (dialog) {
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(chosen + (event.key === "ArrowDown" ? 1 : -1));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      list.children[chosen]?.act();
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!dialog.open) open();
    }
    if (event.key === "/" && !event.target.closest("input, textarea, select, dialog")) {
      const box = document.querySelector("input[type=search]");
      if (box) {
        event.preventDefault();
        box.focus();
      }
    }
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());
}
