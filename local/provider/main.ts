/** The plugin `pulumi-resource-aws`: prints its port, serves until the engine ends it or is gone. */

import { serve } from "./server";

/** Milliseconds between two looks at whether the engine still lives. */
const WATCH_INTERVAL = 250;

async function main(): Promise<void> {
  const engine = process.ppid;
  // The engine shows what a plugin prints: the SDK's advice on Node's next version would be in every update's output.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  // The engine ends a plugin by SIGINT and waits for it: everything that must be recorded has been answered by then.
  process.on("SIGINT", () => process.exit(0));
  process.on("SIGTERM", () => process.exit(0));
  // A killed engine ends nobody; a provider that lived on would go on changing AWS with nobody recording it.
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, WATCH_INTERVAL);
  const { port } = await serve();
  process.stdout.write(`${port}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
