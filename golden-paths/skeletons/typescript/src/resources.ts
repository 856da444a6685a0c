{% set kept = 'cached' if values.cache == 'redis' else 'stored' %}
{% set notes = 'announced' if values.queue == 'rabbitmq' else kept %}
/** What the service talks to: opened at start, closed at the end. */
import type { Resources } from "./app.ts";
{% if values.cache == 'redis' %}
import { cachedNotes, openRedis } from "./cache.ts";
{% endif %}
import type { Config } from "./config.ts";
{% if values.queue == 'rabbitmq' %}
import { announcedNotes, openEvents } from "./events.ts";
{% endif %}
import type { Check } from "./health.ts";
{% if values.database == 'none' %}
import { memoryNotes } from "./notes.ts";
{% endif %}
{% if values.database == 'postgresql' %}
import { openPool, postgresNotes } from "./postgres.ts";
{% endif %}

export interface Connected extends Resources {
  close(): Promise<void>;
}

export async function connect({% if values.database == 'none' and values.cache == 'none' and values.queue == 'none' %}_config{% else %}config{% endif %}: Config): Promise<Connected> {
  const checks: Check[] = [];
  const closing: (() => Promise<unknown>)[] = [];
{% if values.database == 'postgresql' %}

  const pool = await openPool(config.DATABASE_URL, config.OTEL_SERVICE_NAME);
  closing.unshift(() => pool.end());
  checks.push({ name: "database", required: true, probe: () => pool.query("SELECT 1") });
  const stored = postgresNotes(pool);
{% else %}
  const stored = memoryNotes();
{% endif %}
{% if values.cache == 'redis' %}

  const redis = openRedis(config.REDIS_URL);
  closing.unshift(async () => redis.disconnect());
  checks.push({ name: "cache", required: false, probe: () => redis.ping() });
  const cached = cachedNotes(stored, redis);
{% endif %}
{% if values.queue == 'rabbitmq' %}

  const events = await openEvents(config.AMQP_URL);
  closing.unshift(() => events.close());
  checks.push({ name: "queue", required: true, probe: () => events.ping() });
  const announced = announcedNotes(${{ kept }}, events);
{% endif %}

  return {
    notes: ${{ notes }},
    checks,
    async close() {
      for (const close of closing) await close();
    },
  };
}
