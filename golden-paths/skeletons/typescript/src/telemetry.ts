/** Traces of every request, and the names that logs use for them. */
import { FastifyOtelInstrumentation } from "@fastify/otel";
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { Config } from "./config.ts";

/** Asked every few seconds by the platform: they would bury everything else. */
export const QUIET = new Set(["/healthz", "/readyz", "/metrics"]);

export interface Traces {
  readonly fastify: FastifyOtelInstrumentation;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Makes spans; sends them where an endpoint is set. */
export function startTraces(
  config: Pick<Config, "OTEL_SERVICE_NAME" | "OTEL_EXPORTER_OTLP_ENDPOINT">,
): Traces {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, "");
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": config.OTEL_SERVICE_NAME }),
    spanProcessors: endpoint
      ? [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))]
      : [],
  });
  provider.register();
  const fastify = new FastifyOtelInstrumentation({
    ignorePaths: ({ url }) => QUIET.has(url),
  });
  fastify.setTracerProvider(provider);
  return { fastify, stop: () => provider.shutdown() };
}

/** The trace at hand, in the names that logs use. */
export function currentTrace(): { trace_id: string; span_id: string } | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && { trace_id: span.traceId, span_id: span.spanId };
}
