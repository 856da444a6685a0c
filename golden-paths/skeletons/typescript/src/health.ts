/** Whether the process lives, and whether it can do its work. */
import type { FastifyPluginCallback } from "fastify";

export interface Check {
  readonly name: string;
  /** Without one that is not required the service works, only slower. */
  readonly required: boolean;
  probe(): Promise<unknown>;
}

const CHECK_MS = 2_000;

export function healthRoutes(checks: readonly Check[]): FastifyPluginCallback {
  return (app, _options, done) => {
    // It asks nobody, so that no outage restarts the process.
    app.get("/healthz", async () => ({ status: "ok" }));

    app.get("/readyz", async (request, reply) => {
      const results = await Promise.allSettled(checks.map((check) => within(check.probe())));
      const down = checks.filter((_, index) => results[index]?.status === "rejected");
      for (const { name } of down) request.log.warn({ dependency: name }, "dependency unavailable");
      const ready = !down.some((check) => check.required);
      const states = checks.map((check) => [
        check.name,
        down.includes(check) ? "unavailable" : "ok",
      ]);
      return reply.code(ready ? 200 : 503).send({
        status: ready ? "ready" : "unavailable",
        checks: Object.fromEntries(states),
      });
    });
    done();
  };
}

async function within(work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("timeout")), CHECK_MS);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
