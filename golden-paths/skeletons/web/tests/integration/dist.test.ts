/** What the build leaves is what is served. */
import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { test } from "node:test";

const page = await readFile("dist/index.html", "utf8");

test("every file that the page names is there", async () => {
  const named = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((found) => String(found[1]));
  assert.ok(named.length >= 2, "a script and a style");
  for (const path of named) await access(`dist${path}`);
});

test("the page keeps to its content security policy", () => {
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)/, "no script within the page");
  assert.doesNotMatch(page, /\son\w+=|\sstyle=/, "no handlers and styles within the page");
});
