// The panel's and the portal's pages.
import { ask } from "./api.js";
import "./forms.js";
import "./live.js";
import "./menus.js";
import "./names.js";
import "./palette.js";
import "./preferences.js";
import "./table.js";

// The page to sign in asks after an open session only where there was one lately.
document.cookie = `known=1; Path=/; Max-Age=604800; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-side]")) {
    const side = document.querySelector(".side");
    const open = side.classList.toggle("is-open");
    event.target.closest("[data-side]").ariaExpanded = String(open);
  }
  if (event.target.closest("[data-leave]")) {
    event.preventDefault();
    await ask("POST", "/api/auth/logout").catch(() => {});
    document.cookie = "known=; Path=/; Max-Age=0; SameSite=Lax";
    location.assign("/logout?done=1");
  }
});
