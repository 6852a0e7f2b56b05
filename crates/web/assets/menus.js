// Menus: a list of actions at the button that opened it, used with the arrow keys.
import { choose } from "./fill.js";

const GAP = 4;

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + GAP + height < innerHeight || at.top < height;
  menu.style.top = `${below ? at.bottom + GAP : at.top - height - GAP}px`;
  menu.style.left = `${Math.max(GAP, Math.min(at.right - width, innerWidth - width - GAP))}px`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (!button) return;
  const menu = document.getElementById(button.dataset.menu);
  if (menu.matches(":popover-open")) return menu.hidePopover();
  menu.dataset.values = button.dataset.values ?? "{}";
  const data = JSON.parse(menu.dataset.values);
  choose(menu, data);
  for (const link of menu.querySelectorAll("[data-href]")) {
    link.href = link.dataset.href.replace(/\{([a-z_]+)\}/g, (_, name) => encodeURI(data[name] ?? ""));
  }
  menu.showPopover();
  place(menu, button);
  button.ariaExpanded = "true";
  menu.addEventListener("toggle", (change) => {
    if (change.newState === "open") return;
    button.ariaExpanded = "false";
    if (document.activeElement === document.body) button.focus();
  }, { once: true });
  menu.querySelector("a:not([hidden]), button:not([hidden]), input")?.focus();
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[popover]");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("a, button, input")].filter((item) => !item.hidden && !item.closest("[hidden]"));
  const now = items.indexOf(document.activeElement);
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  items[(to + items.length) % items.length]?.focus();
});
