// The open page stays as true as the server: when something that it is about
// changes, it is read again, and what differs is exchanged in place. Focus,
// scroll, what is open and what was typed stay.

const doc = document;
const main = doc.getElementById("main");
const sign = doc.getElementById("live");
const words = sign.dataset.words.split("|");
// Many changes at once are one: the first waits this long for others.
const GATHER = 120;
// Between two readings of a page.
const REST = 700;
// After a reading that failed.
const AGAIN = 5000;

const say = (text) => { doc.getElementById("announce").textContent = text; };

let stream = "live";
let state = "";
const show = (next) => {
  if (next === state) return;
  const was = state;
  state = next;
  sign.dataset.state = next;
  sign.querySelector(".live-word").textContent = next === "live" ? words[0] : words[1];
  sign.title = next === "live" ? "" : words[2];
  if (next === "paused") say(words[2]);
  else if (was === "paused") say(words[3]);
};

// What a reader has done to an element, the server does not undo.
const typedInto = (node) =>
  (node instanceof HTMLInputElement && (node.value !== node.defaultValue || node.checked !== node.defaultChecked)) ||
  (node instanceof HTMLTextAreaElement && node.value !== node.defaultValue) ||
  (node instanceof HTMLSelectElement && [...node.options].some((option) => option.selected !== option.defaultSelected));
let reading = false;
htmx.registerExtension("portway-live", {
  htmx_before_morph_node: (node) => !(reading && typedInto(node)),
  htmx_before_morph_attr: (node, { attrName }) => !(reading && attrName === "open" && node.matches("details, dialog")),
});

let asked = 0;
let rests = 0;
let turn = 0;
const read = async () => {
  clearTimeout(asked);
  asked = 0;
  // Of two readings at once, the later one counts.
  const mine = ++turn;
  if (doc.hidden) {
    asked = -1;
    return;
  }
  const address = location.pathname + location.search;
  let html;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" }, redirect: "error" });
    // What has been deleted says so itself; anything else leaves the page as it was.
    if (!answer.ok && answer.status !== 404) throw new Error(String(answer.status));
    html = await answer.text();
  } catch {
    if (mine !== turn) return;
    show("paused");
    clearTimeout(asked);
    asked = setTimeout(read, AGAIN);
    return;
  }
  if (mine !== turn) return;
  show(stream);
  rests = Date.now() + REST;
  // The reader went elsewhere in the meantime.
  if (address !== location.pathname + location.search) return;
  reading = true;
  try {
    for (const id of ["main", "rail"]) {
      const target = doc.getElementById(id);
      await htmx.swap({ text: html, target, sourceElement: target, select: `#${id}`, swap: "outerMorph" });
    }
  } finally {
    reading = false;
  }
  doc.dispatchEvent(new CustomEvent("portway:refreshed"));
};
const want = () => {
  if (asked > 0) return;
  asked = setTimeout(read, Math.max(GATHER, rests - Date.now()));
};
doc.addEventListener("visibilitychange", () => { if (!doc.hidden && asked < 0) read(); });

const told = (news) => {
  if (news.state) {
    stream = news.state;
    show(stream);
    return;
  }
  if (news.seq && news.seq <= Number(main.dataset.since)) return;
  const topics = new Set(doc.getElementById("main").dataset.live?.split(" "));
  if (news.topics.some((topic) => topic === "*" || topics.has(topic))) want();
};

const since = () => Number(main.dataset.since);
const alone = async () => {
  const { follow } = await import(main.dataset.worker);
  follow(since(), told);
};
const shared = () => {
  // Another reader in the same browser has a connection of their own.
  const worker = new SharedWorker(main.dataset.worker, { type: "module", name: `live ${main.dataset.reader}` });
  worker.onerror = alone;
  worker.port.onmessage = ({ data }) => told(data);
  const greet = () => worker.port.postMessage({ since: since() });
  greet();
  addEventListener("pagehide", () => worker.port.postMessage("bye"));
  // Back from the browser's cache of pages.
  addEventListener("pageshow", (event) => { if (event.persisted) greet(); });
};
if (main.dataset.live) {
  if (typeof SharedWorker === "undefined") alone();
  else shared();
}
