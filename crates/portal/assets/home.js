// What was opened lately is known to this browser only: the palette keeps it.

const card = document.getElementById("recent-card");
const list = card?.querySelector("[data-recent]");
const MOST = 6;

const recent = () => {
  try {
    const kept = JSON.parse(localStorage.getItem("palette:recent") ?? "[]");
    const local = (one) => typeof one?.href === "string" && one.href.startsWith("/") && !one.href.startsWith("//") && typeof one.text === "string";
    return Array.isArray(kept) ? kept.filter(local).slice(0, MOST) : [];
  } catch { return []; }
};

const SVG = "http://www.w3.org/2000/svg";
for (const one of list ? recent() : []) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = one.href;
  if (/^\/assets\/[\w.]+\/icons\.svg#i-[\w-]+$/.test(one.icon ?? "")) {
    const icon = document.createElementNS(SVG, "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("viewBox", "0 0 16 16");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", one.icon);
    icon.append(use);
    link.append(icon);
  }
  link.append(one.text);
  row.append(link);
  list.append(row);
}
if (list?.firstChild) card.hidden = false;
