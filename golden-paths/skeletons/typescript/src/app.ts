/** Puts the service together. */
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { ZodError } from "zod";
import { type Check, healthRoutes } from "./health.ts";
import { type NoteStore, noteRoutes } from "./notes.ts";
import { Problem } from "./problem.ts";
import { currentTrace, QUIET, type Traces } from "./telemetry.ts";

export interface Resources {
  readonly notes: NoteStore;
  readonly checks: readonly Check[];
}

export interface Options {
  readonly logLevel: string;
  readonly traces?: Traces;
  /** Where logs go; standard output without it. */
  readonly logs?: NodeJS.WritableStream;
}

export async function createApp(resources: Resources, options: Options): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: 64 * 1024,
    disableRequestLogging: true,
    requestTimeout: 15_000,
    logger: {
      level: options.logLevel,
      messageKey: "message",
      mixin: () => currentTrace() ?? {},
      formatters: { level: (level) => ({ level }) },
      ...(options.logs && { stream: options.logs }),
    },
  });
  if (options.traces) await app.register(options.traces.fastify.plugin());
  observe(app);
  app.setErrorHandler((error, request, reply) => {
    const { status, detail } = told(error);
    if (status >= 500) request.log.error({ err: error }, "request failed");
    return reply.code(status).type("application/problem+json").send(problem(status, detail));
  });
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).type("application/problem+json").send(problem(404, "There is no such page")),
  );
  await app.register(healthRoutes(resources.checks));
  await app.register(noteRoutes(resources.notes));
  return app;
}

/** Metrics by route, and the access log. */
function observe(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Duration of HTTP requests",
    labelNames: ["http_request_method", "http_route", "http_response_status_code"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  app.addHook("onResponse", async (request: FastifyRequest, reply) => {
    // The pattern, not the path: each id would be a series of its own.
    const route = request.routeOptions.url ?? "unmatched";
    if (QUIET.has(route)) return;
    duration.observe(
      {
        http_request_method: request.method,
        http_route: route,
        http_response_status_code: reply.statusCode,
      },
      reply.elapsedTime / 1000,
    );
    request.log.info(
      {
        method: request.method,
        route,
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime),
      },
      "request",
    );
  });
  app.get("/metrics", async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

/** What a client is told: its own mistakes in words, ours without the inside. */
function told(error: unknown): { status: number; detail: string } {
  if (error instanceof ZodError) {
    const problems = error.issues.map((issue) =>
      [...issue.path, issue.message].map(String).join(": "),
    );
    return { status: 422, detail: problems.join("; ") };
  }
  if (error instanceof Problem) return { status: error.status, detail: error.message };
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  if (error instanceof Error && status >= 400 && status < 500) {
    return { status, detail: error.message };
  }
  return { status: 500, detail: "Something went wrong here" };
}

function problem(status: number, detail: string) {
  const title = status < 500 ? "The request cannot be answered" : "The service failed";
  return { title, status, detail, traceId: currentTrace()?.trace_id };
}
