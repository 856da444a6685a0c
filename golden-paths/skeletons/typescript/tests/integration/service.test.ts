{% set needed = ['DATABASE_URL'] if values.database == 'postgresql' else [] %}
{% set needed = needed.concat(['REDIS_URL']) if values.cache == 'redis' else needed %}
{% set needed = needed.concat(['AMQP_URL']) if values.queue == 'rabbitmq' else needed %}
/** The service as a process, with what it really talks to. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

const needed: string[] = ${{ needed | dump | replace('","', '", "') }};
const missing = needed.filter((name) => !process.env[name]);

test(
  "from start to end",
  {
    skip: missing.length > 0 && `not set: ${missing.join(", ")}`,
    timeout: 60_000,
  },
  async () => {
    const port = await freePort();
    const service = spawn(process.execPath, ["src/main.ts"], {
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = once(service, "exit");
    try {
      const base = `http://127.0.0.1:${port}`;
      while (!(await fetch(`${base}/readyz`).catch(() => undefined))?.ok) {
        assert.equal(service.exitCode, null, "it ended before it was ready");
        await pause(50);
      }
      const made = await fetch(`${base}/api/v1/notes`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: "remember" }),
      });
      assert.equal(made.status, 201);
      const note = await made.json();
      for (let read = 0; read < 2; read++) {
        assert.deepEqual(await (await fetch(base + made.headers.get("location"))).json(), note);
      }
      service.kill("SIGTERM");
      assert.deepEqual(await ended, [0, null], "it does not end in peace");
    } finally {
      service.kill("SIGKILL");
    }
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  assert.ok(address && typeof address === "object");
  return address.port;
}
