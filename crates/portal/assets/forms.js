// Forms: nothing is sent twice, nothing typed is lost, and lists grow without
// a reload. All of it works without this script too, a little less smoothly.

const doc = document;

// ---- Sent once. Buttons come back when the page does (back, or an error of the network).
const waiting = (form, on) => {
  form.toggleAttribute("data-sent", on);
  form.setAttribute("aria-busy", String(on));
  for (const button of [...form.elements].filter((one) => one.type === "submit")) {
    if (on && !button.disabled) {
      button.disabled = true;
      button.dataset.waits = "";
    } else if (!on && button.dataset.waits !== undefined) {
      button.disabled = false;
      delete button.dataset.waits;
    }
  }
};
doc.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.hasAttribute("data-sent")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-sent", "");
  // The browser takes the pressed button's value first.
  setTimeout(() => {
    waiting(form, true);
    // A download leaves the page as it is.
    setTimeout(() => waiting(form, false), 15000);
  });
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of doc.querySelectorAll("form[data-sent]")) waiting(form, false);
});

// ---- Nothing typed is lost: answers are kept in this tab until they arrive.
const PREFIX = "draft:";
const ONE_DAY = 86400000;
const kept = () => { try { return sessionStorage; } catch { return null; } };
const store = kept();
const key = (form) => `${PREFIX}${location.pathname}#${form.id}`;
const fields = (form) => [...form.elements].filter((one) =>
  one.name && one.name !== "_do" && !["hidden", "password", "file", "submit", "button", "fieldset", "output"].includes(one.type) && !one.disabled);
const answers = (form) => fields(form).map((one) => [one.name, /checkbox|radio/.test(one.type) ? one.value : null, /checkbox|radio/.test(one.type) ? one.checked : one.value]);
const read = (name) => { try { return JSON.parse(store?.getItem(name) ?? "null"); } catch { return null; } };
const write = (name, value) => { try { store?.setItem(name, JSON.stringify(value)); } catch { /* full or private */ } };
const drafts = () => store ? Object.keys(store).filter((name) => name.startsWith(PREFIX)) : [];

const keep = (form, sent) => write(key(form), { at: Date.now(), sent, answers: answers(form) });
doc.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("form[data-draft]")) keep(form, false);
});
doc.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-draft]")) keep(event.target, true);
}, true);

const restore = (form, draft) => {
  const before = answers(form);
  const all = fields(form);
  const left = [...draft.answers];
  let changed = false;
  for (const one of all) {
    const pick = /checkbox|radio/.test(one.type);
    const at = left.findIndex(([name, value]) => name === one.name && (!pick || value === one.value));
    if (at < 0) continue;
    const [, , answer] = left.splice(at, 1)[0];
    if (pick ? one.checked !== answer : one.value !== answer) {
      if (pick) one.checked = answer;
      else one.value = answer;
      changed = true;
    }
  }
  if (!changed) return;
  const notice = doc.getElementById("draft-notice")?.content.cloneNode(true);
  const box = notice?.firstElementChild;
  if (!box) return;
  box.querySelector("button").addEventListener("click", () => {
    fields(form).forEach((one, index) => {
      const [, , answer] = before[index] ?? [];
      if (/checkbox|radio/.test(one.type)) one.checked = answer;
      else one.value = answer;
    });
    store?.removeItem(key(form));
    box.remove();
    fields(form)[0]?.focus();
  });
  (form.querySelector(".card-body") ?? form).prepend(box);
};

const here = [...doc.querySelectorAll("form[data-draft]")];
const failed = doc.querySelector(".error-page");
for (const name of drafts()) {
  const draft = read(name);
  const form = here.find((one) => key(one) === name);
  if (!draft || Date.now() - draft.at > ONE_DAY) store.removeItem(name);
  // The server's own answer has what was typed.
  else if (form?.querySelector("[role=alert], [aria-invalid=true]")) store.removeItem(name);
  else if (form) restore(form, draft);
  // Sent, and this is another page that is no error: it has arrived.
  else if (draft.sent && !failed) store.removeItem(name);
}

// ---- Lists that grow: the server makes the next form, the page stays.
const partial = async (form, button) => {
  const data = new FormData(form, button);
  const multipart = form.enctype === "multipart/form-data";
  const get = form.method !== "post";
  const query = new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
  const target = new URL(form.action);
  if (get) target.search = query;
  form.setAttribute("aria-busy", "true");
  let next = null;
  try {
    const answer = await fetch(target, get ? {} : { method: "POST", body: multipart ? data : query });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    next = page.getElementById(form.id);
  } catch { /* the usual way shows what is wrong */ }
  if (next?.tagName !== "FORM") {
    form.setAttribute("aria-busy", "false");
    button.dataset.plain = "";
    form.requestSubmit(button);
    return;
  }
  // What the server must not or cannot send back stays as it is.
  for (const old of form.querySelectorAll("input[type=file], input[type=password]")) {
    const fresh = old.id && next.querySelector(`#${CSS.escape(old.id)}`);
    if (fresh?.type === old.type) fresh.replaceWith(old);
  }
  const list = button.value.startsWith("add:") ? button.closest("fieldset")?.id : null;
  const place = list ? null : button.closest("fieldset")?.id ?? button.dataset.refreshes;
  form.replaceWith(next);
  ready(next);
  keep(next, false);
  if (list) {
    const items = next.querySelectorAll(`#${CSS.escape(list)} > .form-items > .form-item`);
    items[items.length - 1]?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  } else if (place) {
    const spot = doc.getElementById(place);
    (spot?.querySelector("button[value^='add:']") ?? spot)?.focus();
  }
};
doc.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-partial], button[data-refreshes]");
  if (!button?.form || button.dataset.plain !== undefined) return;
  event.preventDefault();
  partial(button.form, button);
});

// ---- Sliders beside their number, and choices on which other fields depend.
const ready = (scope) => {
  for (const slider of scope.querySelectorAll("input[data-range]")) {
    const box = doc.getElementById(slider.dataset.range);
    if (!box) continue;
    slider.hidden = false;
    slider.disabled = box.disabled;
    slider.addEventListener("input", () => { box.value = slider.value; box.dispatchEvent(new Event("input", { bubbles: true })); });
    box.addEventListener("input", (event) => { if (event.isTrusted) slider.value = box.value; });
  }
  for (const button of scope.querySelectorAll("button[data-refreshes]")) {
    button.hidden = true;
    doc.getElementById(button.dataset.refreshes)?.addEventListener("change", () => partial(button.form, button));
  }
};
ready(doc);

// Ctrl+Enter sends the form from any of its fields.
doc.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form?.matches("form[data-draft]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
