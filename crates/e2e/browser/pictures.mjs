// Takes the pictures of the README and the manual: some tenants of a company that sells Odoo, as its people see them.
// PICTURES_OF names the installation's local.json, PICTURES_IN the folder that gets en/ and es/.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { server, api_key: key } = JSON.parse(readFileSync(process.env.PICTURES_OF, "utf8"));
const PASSWORD = "Quetzal-volando-47";
const SIZE = { width: 1280, height: 800 };
const COMPANIES = [
  ["farmacia-luna", "Farmacia Luna", "pro"], ["ferreteria-duarte", "Ferretería Duarte", "basic"], ["colmado-rosa", "Colmado Rosa", "starter"],
  ["hotel-bahia", "Hotel Bahía", "business"], ["clinica-norte", "Clínica Norte", "pro"], ["taller-mena", "Taller Mena", "basic"],
  ["libreria-alba", "Librería Alba", "starter"], ["panaderia-sol", "Panadería Sol", "basic"],
];

async function ask(method, path, body) {
  const headers = { "X-API-KEY": key, Prefer: "wait=120", "Content-Type": "application/json" };
  const answer = await fetch(server + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok && answer.status !== 409) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : {};
}

async function joins(path, email, role) {
  const { link } = await ask("POST", path, { email, role });
  if (link) await ask("POST", "/api/auth/link", { token: link.split("#")[1], new_password: PASSWORD });
}

// What stands on the pictures. Done again, it finds what is there.
async function prepare() {
  for (const [subdomain, company_name, plan] of COMPANIES) {
    await ask("POST", "/api/tenants", { subdomain, company_name, plan, admin_email: `ana@${subdomain}.example.com` });
  }
  await ask("POST", "/api/tenants/colmado-rosa/suspend", { reason: "unpaid", note: "2 facturas" });
  await ask("POST", "/api/tenants/libreria-alba/pause", {});
  for (const subdomain of ["farmacia-luna", "hotel-bahia", "clinica-norte"]) {
    const { facts } = await ask("POST", `/api/tenants/${subdomain}/backups`, {});
    if (facts) await ask("POST", `/api/backups/${facts.backup}/verify`, { restore: true });
  }
  const { id } = await ask("POST", "/api/organizations", { name: "Grupo Luna" });
  await ask("PUT", "/api/tenants/farmacia-luna/organization", { organization: id });
  await joins("/api/people/invitations", "marta@operador.example.com", "owner");
  await joins(`/api/organizations/${id}/invitations`, "ana@farmacia-luna.example.com", "owner");
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

async function signedIn(language, email, viewport) {
  const locale = language === "es" ? "es-DO" : "en-US";
  const context = await browser.newContext({ viewport, locale, timezoneId: "America/Santo_Domingo", colorScheme: "light" });
  const page = await context.newPage();
  await page.goto(`${server}/login`);
  await page.fill("#email", email);
  await page.fill("#password", PASSWORD);
  await page.click("#login [type=submit]");
  await page.waitForURL((url) => url.pathname !== "/login");
  return page;
}

async function take(language) {
  const folder = `${process.env.PICTURES_IN}/${language}`;
  mkdirSync(folder, { recursive: true });
  const page = await signedIn(language, "marta@operador.example.com", SIZE);
  const shows = async (path, name) => {
    await page.goto(server + path);
    await page.waitForLoadState("load");
    await page.screenshot({ path: `${folder}/${name}.png` });
  };
  await shows("/admin/dashboard", "dashboard");
  await shows("/admin/workspace/colmado-rosa", "suspended");
  await shows("/admin/backups", "backups");
  await shows("/admin/workspace/farmacia-luna/database", "database");
  await page.goto(`${server}/admin/tenants`);
  await page.locator("#tenants [data-menu]").nth(2).click();
  await page.screenshot({ path: `${folder}/tenants.png` });
  await page.context().close();
  const phone = await signedIn(language, "ana@farmacia-luna.example.com", { width: 390, height: 800 });
  await phone.goto(`${server}/workspace/farmacia-luna`);
  await phone.waitForLoadState("load");
  await phone.screenshot({ path: `${folder}/workspace.png` });
  await phone.context().close();
}

await prepare();
for (const language of ["en", "es"]) await take(language);
await browser.close();
