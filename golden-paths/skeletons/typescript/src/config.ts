/** What differs between environments, checked once at start. */
import { z } from "zod";

const Environment = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(8080),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  OTEL_SERVICE_NAME: z.string().min(1).default("${{ values.name }}"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
{% if values.database == 'postgresql' %}
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
{% endif %}
{% if values.cache == 'redis' %}
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
{% endif %}
{% if values.queue == 'rabbitmq' %}
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
{% endif %}
});

export type Config = z.infer<typeof Environment>;

/** Reads the environment. Throws with the name of every variable that is wrong. */
export function configFrom(environment: NodeJS.ProcessEnv): Config {
  const read = Environment.safeParse(environment);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`settings: ${problems.join("; ")}`);
}
