// The query box of a list: a combobox over the fragment that its data-suggest
// answers. Without this script a datalist proposes the fields.

const doc = document;
const LIST = "query-options";
let request = null;

const box = (input) => doc.getElementById(LIST) ?? (() => {
  const list = doc.createElement("div");
  list.id = LIST;
  list.className = "menu-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  list.hidden = true;
  input.parentElement.append(list);
  return list;
})();
const prepare = (input) => {
  input.removeAttribute("list");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", LIST);
  input.setAttribute("aria-expanded", "false");
  return box(input);
};
const close = (input) => {
  request?.abort();
  const list = doc.getElementById(LIST);
  if (list) list.hidden = true;
  input?.setAttribute("aria-expanded", "false");
  input?.removeAttribute("aria-activedescendant");
};
const choose = (input, option) => {
  input.value = option.dataset.query;
  const caret = Number(option.dataset.caret);
  input.setSelectionRange(caret, caret);
  input.focus();
  suggest(input);
};
const select = (input, option) => {
  for (const other of box(input).querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
};
const suggest = async (input) => {
  request?.abort();
  const mine = request = new AbortController();
  const list = prepare(input);
  const query = new URLSearchParams({ q: input.value, at: input.selectionStart ?? input.value.length });
  try {
    const answer = await fetch(`${input.dataset.suggest}?${query}`, { signal: mine.signal, headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const holder = doc.createElement("template");
    holder.innerHTML = await answer.text();
    if (mine.signal.aborted || doc.activeElement !== input) return;
    const found = holder.content.querySelector("[data-status]");
    list.replaceChildren(...(found?.children ?? []));
    list.hidden = list.childElementCount === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    const live = doc.getElementById("announce");
    if (live) live.textContent = found?.dataset.status ?? "";
  } catch {
    if (!mine.signal.aborted) close(input);
  }
};

const input_of = (event) => event.target.closest?.("input[data-suggest]");
doc.addEventListener("input", (event) => {
  const input = input_of(event);
  if (input && !event.isComposing) suggest(input);
});
doc.addEventListener("compositionend", (event) => {
  const input = input_of(event);
  if (input) suggest(input);
});
doc.addEventListener("keydown", (event) => {
  const input = input_of(event);
  if (!input || event.isComposing) return;
  const list = doc.getElementById(LIST);
  const open = list && !list.hidden;
  if (event.key === "ArrowDown" && !open) {
    event.preventDefault();
    suggest(input);
  } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const all = [...list.children];
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const by = event.key === "ArrowDown" ? 1 : -1;
    select(input, all[(at < 0 && by < 0 ? 0 : at) + by] ?? all[by > 0 ? 0 : all.length - 1]);
  } else if (open && event.key === "Escape") {
    event.preventDefault();
    close(input);
  } else if (open && (event.key === "Enter" || event.key === "Tab")) {
    const option = list.querySelector("[aria-selected=true]");
    if (option) {
      event.preventDefault();
      choose(input, option);
    } else close(input);
  }
});
doc.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.(`#${LIST} [role=option]`);
  const input = option && doc.querySelector("input[data-suggest]");
  if (!input) return;
  event.preventDefault();
  choose(input, option);
});
doc.addEventListener("focusout", (event) => {
  const input = input_of(event);
  if (input) close(input);
});

// Keys of a list: f for the filters, v for the other view, x to pick the row.
doc.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");
  if (doc.documentElement.dataset.keys === "off" || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "f") doc.querySelector("#facets input")?.focus();
  else if (event.key === "v") doc.querySelector("#listing .toolbar .segments a:not([aria-current])")?.click();
  else if (event.key === "x") event.target.closest?.("tr, li")?.querySelector("input[name=ref]")?.click();
  else return;
  event.preventDefault();
});
