// A real identity provider for tests: three people, one client, keys of its own, back-channel logout.
// Run by scripts/oidc-provider: PORT CLIENT SECRET REDIRECT LOGOUT.
import Provider from "oidc-provider";

const [port, client_id, client_secret, redirect, logout] = process.argv.slice(2);
const people = {
  ana: { email: "ana@staff.example.com", email_verified: true, name: "Ana" },
  eva: { email: "eva@staff.example.com", email_verified: false, name: "Eva" },
  mal: { email: "mal@elsewhere.example.org", email_verified: true, name: "Mal" },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id,
    client_secret,
    redirect_uris: [redirect],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    backchannel_logout_uri: logout,
    backchannel_logout_session_required: true,
  }],
  findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  scopes: ["openid", "email", "profile"],
  pkce: { required: () => true },
  cookies: { keys: ["of-this-run"] },
  // As the standard has it: address and name are asked for, not in the token.
  conformIdTokenClaims: true,
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  // The client is on loopback, to which the provider's own dispatcher does not go.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
});
const server = provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => server.close(() => process.exit(0)));
