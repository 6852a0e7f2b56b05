// The panel's and the portal's pages.
import { ask } from "./api.js";
import "./forms.js";
import "./live.js";
import "./menus.js";
import "./names.js";
import "./palette.js";
import "./preferences.js";
import "./table.js";

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-side]")) {
    const side = document.querySelector(".side");
    const open = side.classList.toggle("is-open");
    event.target.closest("[data-side]").ariaExpanded = String(open);
  }
  if (event.target.closest("[data-leave]")) {
    await ask("POST", "/api/auth/logout").catch(() => {});
    location.assign("/login");
  }
});
