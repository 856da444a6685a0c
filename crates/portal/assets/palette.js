// The command palette: a combobox over GET /search/palette?q=…, whose answer is
// a fragment of options. Without this script the search of the top bar is a form.

const doc = document;
const palette = doc.getElementById("palette");
const RECENT = "palette:recent";
const MOST_RECENT = 8;

const recent = () => {
  try {
    const list = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one?.href === "string" && one.href.startsWith("/") && typeof one.text === "string") : [];
  } catch { return []; }
};
const remember = (option) => {
  const href = option.getAttribute("href");
  if (!href?.startsWith("/") || href.startsWith("//")) return;
  const entry = { href, text: (option.querySelector(".palette-name") ?? option.querySelector("span"))?.textContent.trim() ?? href, icon: option.querySelector("use")?.getAttribute("href") ?? "" };
  const list = [entry, ...recent().filter((one) => one.href !== href)].slice(0, MOST_RECENT);
  try { localStorage.setItem(RECENT, JSON.stringify(list)); } catch { /* private window */ }
};

if (palette) {
  const input = palette.querySelector("input");
  const list = doc.getElementById("palette-list");
  const view = palette.querySelector(".palette-view");
  const status = doc.getElementById("palette-status");
  let request = null;
  let timer = 0;

  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
  const selected = () => list.querySelector("[aria-selected=true]");
  const select = (option, scroll = true) => {
    for (const other of list.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
    view.replaceChildren();
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    const preview = option.querySelector("template");
    if (preview) view.append(preview.content.cloneNode(true));
    if (scroll) option.scrollIntoView({ block: "nearest" });
  };
  const move = (by) => {
    const all = options();
    if (all.length === 0) return;
    const at = all.indexOf(selected());
    select(all[by === "first" ? 0 : by === "last" ? all.length - 1 : (Math.max(at, by > 0 ? -1 : 0) + by + all.length) % all.length]);
  };

  const sprite = (href) => {
    const svg = doc.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    const use = doc.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", href);
    svg.append(use);
    return svg;
  };
  const recentGroup = () => {
    const all = recent();
    if (all.length === 0) return null;
    const group = doc.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", "palette-recent");
    const title = doc.createElement("div");
    title.className = "palette-group";
    title.id = "palette-recent";
    title.setAttribute("role", "presentation");
    title.textContent = palette.dataset.recent;
    group.append(title);
    all.forEach((one, index) => {
      const option = doc.createElement("a");
      option.className = "palette-item";
      option.id = `palette-r${index}`;
      option.href = one.href;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.complete = one.text;
      const name = doc.createElement("span");
      name.className = "palette-name";
      name.textContent = one.text;
      if (/^\/assets\/[0-9a-f]+\/icons\.svg#i-[a-z]+$/.test(one.icon)) option.append(sprite(one.icon));
      option.append(name);
      group.append(option);
    });
    return group;
  };

  const show = (fragment) => {
    const root = fragment.querySelector("[data-status]");
    const groups = root ? [...root.children] : [];
    const old = input.value.trim() === "" ? recentGroup() : null;
    list.replaceChildren(...(old ? [old] : []), ...groups);
    input.setAttribute("aria-expanded", String(options().length > 0));
    status.textContent = root?.dataset.status ?? "";
    select(options()[0], false);
    list.scrollTop = 0;
  };
  const search = async () => {
    request?.abort();
    const mine = request = new AbortController();
    const url = `${palette.dataset.src}?q=${encodeURIComponent(input.value)}`;
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const holder = doc.createElement("template");
      holder.innerHTML = await answer.text();
      if (!mine.signal.aborted) show(holder.content);
    } catch (error) {
      if (mine.signal.aborted) return;
      show(doc.createDocumentFragment());
      status.textContent = palette.dataset.failed;
    }
  };

  const open = (text) => {
    if (palette.open) return;
    for (const popover of doc.querySelectorAll("[popover]:popover-open")) popover.hidePopover();
    palette.showModal();
    if (text !== undefined) input.value = text;
    input.focus();
    input.select();
    search();
  };
  const act = (option, event) => {
    const other = option.dataset.secondary ?? option.dataset.other;
    if (event.altKey && other) {
      location.assign(other);
      return;
    }
    if (option.dataset.copies) {
      navigator.clipboard?.writeText(option.dataset.copies).then(() => { status.textContent = palette.dataset.copied; }, () => {});
      return;
    }
    remember(option);
    if (event.ctrlKey || event.metaKey) window.open(option.href, "_blank", "noopener");
    else location.assign(option.href);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 40);
  });
  palette.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const keys = { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last", PageDown: 8, PageUp: -8 };
    const option = selected();
    if (event.key in keys && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (Math.abs(keys[event.key]) === 8) {
        const all = options();
        select(all[Math.min(all.length - 1, Math.max(0, all.indexOf(option) + keys[event.key]))]);
      } else move(keys[event.key]);
    } else if (event.key === "Enter" && event.target === input && option) {
      event.preventDefault();
      act(option, event);
    } else if (event.key === "Tab" && !event.shiftKey && event.target === input && option?.dataset.complete && option.dataset.complete !== input.value) {
      event.preventDefault();
      input.value = option.dataset.complete;
      search();
    }
  });
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled])");
    if (option && option !== selected()) select(option, false);
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled])");
    if (!option) return;
    if (option.dataset.copies || event.altKey) {
      event.preventDefault();
      act(option, event);
    } else remember(option);
  });
  // A click beside the dialog closes it; escape does so by itself, and the focus returns.
  palette.addEventListener("click", (event) => {
    if (event.target === palette || event.target.closest("[data-close]")) palette.close();
  });
  palette.addEventListener("close", () => {
    request?.abort();
    clearTimeout(timer);
  });

  doc.addEventListener("portway:palette", () => open());
  doc.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (palette.open) palette.close();
      else open();
    }
  });
  const bar = doc.querySelector(".searchbar");
  bar?.addEventListener("click", () => open(bar.querySelector("input").value));
  bar?.addEventListener("input", () => {
    const field = bar.querySelector("input");
    const text = field.value;
    field.value = "";
    open(text);
    input.setSelectionRange(text.length, text.length);
  });
}
