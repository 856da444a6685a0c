import assert from "node:assert/strict";
import { test } from "node:test";
import { greeting } from "../../src/greeting.ts";

test("each hour has its greeting", () => {
  assert.deepEqual([0, 5, 12, 18].map(greeting), [
    "Good night",
    "Good morning",
    "Good afternoon",
    "Good evening",
  ]);
});

test("what is no hour is refused", () => {
  for (const hour of [-1, 24, 1.5, Number.NaN]) assert.throws(() => greeting(hour), RangeError);
});
