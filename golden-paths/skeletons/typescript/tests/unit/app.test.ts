import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { after, before, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { createApp } from "../../src/app.ts";
import { configFrom } from "../../src/config.ts";
import { memoryNotes } from "../../src/notes.ts";
import { startTraces } from "../../src/telemetry.ts";

const lines: Record<string, unknown>[] = [];
const logs = new Writable({
  write(chunk, _encoding, done) {
    lines.push(JSON.parse(String(chunk)));
    done();
  },
});
let down = false;
const probe = async () => {
  if (down) throw new Error("away");
};
const traces = startTraces({ OTEL_SERVICE_NAME: "test" });
let app: FastifyInstance;

before(async () => {
  const checks = [
    { name: "store", required: true, probe },
    { name: "extra", required: false, probe },
  ];
  app = await createApp({ notes: memoryNotes(), checks }, { logLevel: "info", logs, traces });
});
after(async () => {
  await app.close();
  await traces.stop();
});

const post = (payload: object) => app.inject({ method: "POST", url: "/api/v1/notes", payload });

test("a note that was kept can be read", async () => {
  const made = await post({ text: "  buy milk " });

  assert.equal(made.statusCode, 201);
  assert.equal(made.json().text, "buy milk");
  const read = await app.inject(String(made.headers.location));
  assert.deepEqual(read.json(), made.json());
});

test("the newest note comes first", async () => {
  for (const text of ["one", "two", "three"]) await post({ text });

  const { items } = (await app.inject("/api/v1/notes?limit=2")).json();

  assert.deepEqual(
    items.map((note: { text: string }) => note.text),
    ["three", "two"],
  );
});

for (const body of [{}, { text: " " }, { text: "x".repeat(2001) }, { text: "a", by: "me" }]) {
  test(`refused with the reason: ${JSON.stringify(body).slice(0, 30)}`, async () => {
    const answer = await post(body);

    assert.equal(answer.statusCode, 422);
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
    assert.ok(answer.json().detail);
  });
}

test("what is not there is a problem", async () => {
  const id = "00000000-0000-4000-8000-000000000000";
  assert.equal((await app.inject(`/api/v1/notes/${id}`)).json().detail, "There is no such note");
  assert.equal((await app.inject("/nowhere")).statusCode, 404);
});

test("readiness names what is down, and the process lives on", async () => {
  assert.equal((await app.inject("/readyz")).json().status, "ready");

  down = true;
  const answer = await app.inject("/readyz");
  down = false;

  assert.equal(answer.statusCode, 503);
  assert.deepEqual(answer.json().checks, { store: "unavailable", extra: "unavailable" });
  assert.equal((await app.inject("/healthz")).statusCode, 200);
});

test("requests are counted by route and status", async () => {
  await app.inject("/api/v1/notes/no-uuid");

  const figures = (await app.inject("/metrics")).body;

  assert.match(
    figures,
    /request_duration_seconds_count\{http_request_method="GET",http_route="\/api\/v1\/notes\/:id",http_response_status_code="422"\} 1/,
  );
});

test("each request has a log line with its trace", async () => {
  await app.inject("/api/v1/notes");

  const line = lines.findLast((found) => found.message === "request");

  assert.equal(line?.route, "/api/v1/notes");
  assert.match(String(line?.trace_id), /^[0-9a-f]{32}$/);
});

test("every wrong setting is named", () => {
  assert.throws(() => configFrom({ PORT: "many", LOG_LEVEL: "loud" }), /PORT.*LOG_LEVEL/);
});
