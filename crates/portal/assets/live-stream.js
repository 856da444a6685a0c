// What has changed on the server: one connection for all tabs of a browser.
//
// A shared worker runs this file. Where there is none, a page imports `follow`
// and has a connection of its own.

const KEPT = 100;
// A connection that comes back within this time was never away for anybody.
const PATIENCE = 1500;
const LONGEST_WAIT = 60_000;

/// Calls `tell` with `{state}` and with `{seq, topics}` from the event `after` on.
export const follow = (after, tell) => {
  let last = after;
  let wait = 1000;
  let doubt = 0;
  const paused = () => { doubt ||= setTimeout(() => tell({ state: "paused" }), PATIENCE); };
  const open = () => {
    const source = new EventSource(`/live?after=${last}`);
    source.onopen = () => {
      clearTimeout(doubt);
      doubt = 0;
      wait = 1000;
      tell({ state: "live" });
    };
    source.onmessage = (event) => {
      last = Number(event.lastEventId) || last;
      const topics = JSON.parse(event.data);
      if (topics.length > 0) tell({ seq: last, topics });
    };
    source.onerror = () => {
      paused();
      // The browser comes back by itself unless the answer was a refusal.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  open();
};

// The worker: what was told lately is told again to a page that was made before it.
const ports = new Set();
const recent = [];
let state = null;
let began = null;

const tellAll = (news) => {
  if (news.state) state = news.state;
  else if (recent.push(news) > KEPT) recent.shift();
  for (const port of ports) port.postMessage(news);
};

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => {
      if (data === "bye") {
        ports.delete(port);
        return;
      }
      ports.add(port);
      if (began === null) {
        began = data.since;
        follow(began, tellAll);
        return;
      }
      if (state) port.postMessage({ state });
      const first = recent[0]?.seq ?? Infinity;
      const forgotten = data.since < began || (recent.length === KEPT && data.since < first);
      if (forgotten) port.postMessage({ seq: 0, topics: ["*"] });
      else for (const news of recent) if (news.seq > data.since) port.postMessage(news);
    };
  };
}
