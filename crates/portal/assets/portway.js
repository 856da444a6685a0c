// Niceties on top of pages that work without any script.

const doc = document;
const root = doc.documentElement;

// The server writes times in the visitor's zone once it knows the zone.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !doc.cookie.includes(`portway_zone=${zone}`)) {
  doc.cookie = `portway_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

// Groups of the rail stay as their reader left them.
const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } };
for (const group of doc.querySelectorAll(".rail-group[data-key]")) {
  const key = `rail:${group.dataset.key}`;
  const was = stored(key);
  if (was !== null && !group.querySelector("[aria-current]")) group.open = was === "open";
  group.addEventListener("toggle", () => store(key, group.open ? "open" : "closed"));
}

// Menus close when the reader goes elsewhere.
const openMenus = () => doc.querySelectorAll("details.menu[open]");
doc.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
doc.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

// Copy buttons: <button data-copy="#id"> copies that element's text.
const announce = (text) => {
  const live = doc.getElementById("announce");
  if (live) live.textContent = text;
};
doc.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  const source = button && doc.querySelector(button.dataset.copy);
  if (!source) return;
  try {
    // Remarks between lines of code are not part of the code.
    const lines = [...source.querySelectorAll(".code-line")];
    const text = lines.length > 0 ? lines.map((line) => line.textContent).join("") : source.textContent;
    await navigator.clipboard.writeText(text);
    button.dataset.done = "1";
    announce(doc.body.dataset.copied);
    setTimeout(() => { delete button.dataset.done; announce(""); }, 2000);
  } catch {
    getSelection().selectAllChildren(source);
  }
});

// Relative times stay true while the page is open.
const patterns = JSON.parse(doc.body.dataset.ages ?? "{}");
const starts = [0, 5, 60, 3600, 86400, 2592000, 31536000];
const sizes = [1, 1, 60, 3600, 86400, 2592000, 31536000];
const refresh = () => {
  for (const time of doc.querySelectorAll("time[data-age]")) {
    const words = patterns[time.dataset.age];
    const distance = (Date.now() - Date.parse(time.dateTime)) / 1000;
    const seconds = Math.max(0, time.dataset.age === "until" ? -distance : distance);
    if (!words || Number.isNaN(seconds)) continue;
    const unit = starts.findLastIndex((start) => seconds >= start);
    const text = words[unit].replace("{n}", Math.floor(seconds / sizes[unit]));
    if (time.textContent !== text) time.textContent = text;
  }
};
setInterval(() => { if (!doc.hidden) refresh(); }, 15000);
doc.addEventListener("visibilitychange", () => { if (!doc.hidden) refresh(); });

// A graph begins at the thing that the page is about.
for (const graph of doc.querySelectorAll(".graph")) {
  const self = graph.querySelector("[data-self]");
  if (!self) continue;
  const [box, frame] = [self.getBoundingClientRect(), graph.getBoundingClientRect()];
  graph.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2;
  graph.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
}

// The look of the shortcut on this keyboard.
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const key of doc.querySelectorAll("kbd[data-mac]")) key.textContent = key.dataset.mac;
}

// What has worked is said for six seconds, and stays while somebody points at it.
const toast = doc.getElementById("toast");
if (toast) {
  doc.cookie = "portway_toast=; path=/; max-age=0; samesite=lax";
  const leave = () => setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) leave();
    else toast.hidden = true;
  }, 6000);
  leave();
}

// Offline: what is on the page stays readable, and says that it may be old.
const offline = doc.getElementById("offline");
const connection = () => { if (offline) offline.hidden = navigator.onLine; };
addEventListener("online", connection);
addEventListener("offline", connection);
connection();

// The search of a log hides lines while it is typed into.
doc.addEventListener("input", (event) => {
  const log = event.target.dataset?.log && doc.getElementById(event.target.dataset.log);
  if (!log) return;
  const needle = event.target.value.trim().toLowerCase();
  let count = 0;
  for (const line of log.querySelectorAll("li[data-n]")) {
    line.hidden = needle !== "" && !line.textContent.toLowerCase().includes(needle);
    if (!line.hidden) count += 1;
  }
  for (const group of log.querySelectorAll(".log-group")) group.hidden = !group.querySelector("li[data-n]:not([hidden])");
  announce(needle === "" ? "" : String(count));
});

// The number of a line is its address.
doc.addEventListener("click", (event) => {
  const line = event.target.closest?.(".log li[data-n][id]");
  if (line && event.offsetX < 52 && event.target === line) location.hash = line.id;
});

// Shortcuts. They can be switched off in the appearance menu (WCAG 2.1.4).
const rows = () => [...doc.querySelectorAll("main .table tbody tr, main .list > li")].filter((row) => row.querySelector("a"));
const step = (by) => {
  const all = rows();
  const at = all.findIndex((row) => row.contains(doc.activeElement));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  next?.querySelector("a").focus();
};
let prefix = 0;
doc.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  if (root.dataset.keys === "off" || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const place = Date.now() - prefix < 1500 && /^[a-z]$/.test(event.key) && doc.querySelector(`[data-go="${event.key}"]`);
  if (place) {
    event.preventDefault();
    location.assign(place.href);
    return;
  }
  prefix = event.key === "g" ? Date.now() : 0;
  if (event.key === "/") {
    const field = doc.querySelector("main input[type=search]:not([data-log])");
    event.preventDefault();
    if (field) field.focus();
    else doc.dispatchEvent(new CustomEvent("portway:palette"));
  } else if (event.key === "?") {
    event.preventDefault();
    doc.getElementById("keys")?.togglePopover();
  } else if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  } else if (/^[a-z]$/.test(event.key)) {
    // The page's own keys: `data-press` names one on a button or link.
    doc.querySelector(`[data-press="${event.key}"]`)?.click();
  }
});
