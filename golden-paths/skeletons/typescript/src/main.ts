/** Serves until the process is told to stop, then finishes what is open. */
import { createApp } from "./app.ts";
import { configFrom } from "./config.ts";
import { connect } from "./resources.ts";
import { startTraces } from "./telemetry.ts";

/** Less than terminationGracePeriodSeconds of the deployment. */
const GRACE_MS = 25_000;

const config = configFrom(process.env);
const traces = startTraces(config);
const resources = await connect(config);
const app = await createApp(resources, { logLevel: config.LOG_LEVEL, traces });

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    app.log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    await app.close();
    await resources.close();
    await traces.stop();
  });
}

await app.listen({ host: "0.0.0.0", port: config.PORT });
