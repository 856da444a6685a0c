// A drawing of the server as a PNG: <button data-png="address of the SVG"
// data-name="file name">. Browsers draw SVG themselves; nothing leaves them.

// Two pixels for each of the drawing's, as far as canvases go.
const SCALE = 2;
const LONGEST = 8192;

const drawn = async (href) => {
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(String(answer.status));
  const text = await answer.text();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const scale = Math.min(SCALE, LONGEST / image.naturalWidth, LONGEST / image.naturalHeight);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
};

for (const button of document.querySelectorAll("button[data-png]")) button.hidden = false;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-png]");
  if (!button) return;
  button.disabled = true;
  try {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await drawn(button.dataset.png));
    link.download = `${button.dataset.name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch {
    // The drawing itself is better than nothing.
    location.assign(button.dataset.png);
  } finally {
    button.disabled = false;
  }
});
document.addEventListener("portway:refreshed", () => {
  for (const button of document.querySelectorAll("button[data-png]")) button.hidden = false;
});
