// Has somebody prove anew who they are, in a dialog, before something that can do great harm.
import { get, known } from "./webauthn.js";

const dialog = document.getElementById("proof");
const at = (name) => dialog.querySelector(`[data-part="${name}"]`);

function fail(data) {
  dialog.querySelector(".form-error").textContent = data.detail ?? "";
}

// Whether it was proved. `ask` comes along, for the proof is asked of the API, too.
export function prove(methods, ask) {
  if (!dialog) return Promise.resolve(false);
  const typed = methods.find((way) => way === "password") ?? methods.find((way) => way !== "passkey" && way !== "sso");
  at("text").hidden = !typed;
  at("password").hidden = typed !== "password";
  at("code").hidden = typed === "password";
  at("submit").hidden = !typed;
  at("passkey").hidden = !methods.includes("passkey") || !known();
  at("provider").hidden = !methods.includes("sso");
  const field = dialog.querySelector("input");
  field.value = "";
  field.type = typed === "password" ? "password" : "text";
  field.autocomplete = typed === "password" ? "current-password" : "one-time-code";
  fail({});
  return new Promise((resolve) => {
    let proved = false;
    const form = dialog.querySelector("form");
    const submit = async (event) => {
      event.preventDefault();
      const answer = await ask("POST", "/api/auth/step-up", { [typed === "password" ? "password" : "code"]: field.value });
      field.value = "";
      proved = answer.ok;
      if (proved) dialog.close();
      else fail(answer.data);
    };
    const sign = async () => {
      const asked = await ask("POST", "/api/auth/step-up/options");
      if (!asked.ok) return fail(asked.data);
      const credential = await get(asked.data.options).catch(() => null);
      if (!credential) return;
      const answer = await ask("POST", "/api/auth/step-up", { challenge: asked.data.challenge, credential });
      proved = answer.ok;
      if (proved) dialog.close();
      else fail(answer.data);
    };
    form.addEventListener("submit", submit);
    at("passkey").addEventListener("click", sign);
    dialog.addEventListener("close", () => {
      form.removeEventListener("submit", submit);
      at("passkey").removeEventListener("click", sign);
      resolve(proved);
    }, { once: true });
    dialog.showModal();
  });
}
