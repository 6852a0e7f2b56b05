// What a browser's holder prefers: language, light or dark, time zone. Cookies, so that the server can write the page so.
function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = document.cookie.split("; ").some((pair) => pair === `tz=${encodeURIComponent(zone)}`);
if (zone && !known) keep("tz", encodeURIComponent(zone));

document.addEventListener("click", (event) => {
  const language = event.target.closest("[data-language]");
  if (language) {
    keep("lang", language.dataset.language);
    location.reload();
  }
  const theme = event.target.closest("[data-theme-to]");
  if (theme) {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = theme.dataset.themeTo === "other" ? (dark ? "light" : "dark") : theme.dataset.themeTo;
    if (next === "system") {
      delete document.documentElement.dataset.theme;
      keep("theme", "");
    } else {
      document.documentElement.dataset.theme = next;
      keep("theme", next);
    }
  }
});
