// Passkeys: the server says what to ask the device for, the device answers,
// the server checks. Without this script the buttons are not there.

const post = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found?.error?.message ?? "");
  return found;
};

const ceremonies = {
  async create(form) {
    const options = await post("/api/auth/local/passkeys/begin");
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey ?? options);
    const credential = await navigator.credentials.create({ publicKey });
    const name = form.elements.namedItem("name")?.value ?? "";
    await post("/api/auth/local/passkeys", { name, credential: credential.toJSON() });
    location.reload();
  },
  async get(form) {
    const options = await post("/api/auth/local/passkey/begin");
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey ?? options);
    const credential = await navigator.credentials.get({ publicKey });
    await post("/api/auth/local/passkey", credential.toJSON());
    const back = form.dataset.back ?? "/";
    location.assign(back.startsWith("/") && !back.startsWith("//") ? back : "/");
  },
};

const possible = typeof PublicKeyCredential === "function"
  && typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function";

for (const form of possible ? document.querySelectorAll("form[data-passkey]") : []) {
  const ceremony = ceremonies[form.dataset.passkey];
  if (!ceremony) continue;
  const error = form.querySelector("[data-passkey-error]");
  const say = (text) => {
    if (!error) return;
    error.textContent = text;
    error.hidden = text === "";
  };
  const origin = form.dataset.origin ?? "";
  const elsewhere = form.dataset.elsewhere && origin.startsWith("http") && origin !== location.origin;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (elsewhere) return say(form.dataset.elsewhere);
    const button = form.querySelector("button");
    button.disabled = true;
    say("");
    try {
      await ceremony(form);
    } catch (problem) {
      // A person who closes the dialog of their device is no error to explain.
      const own = problem instanceof DOMException ? "" : problem.message;
      say(own || form.dataset.failed || "");
    } finally {
      button.disabled = false;
    }
  });
}
