import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readRecord } from "../cloud/record";
import { type RelayRequest } from "./messages";
import { type ReleaseOrder } from "./faults";

const MODES = ["normal", "hold", "drop", "duplicate"] as const;

interface RelayOptions {
  readonly times: number;
  readonly release?: ReleaseOrder;
  readonly type?: string;
}

const HELP = `
normal     every event once; what was held is delivered first, in the order asked for
hold       keep events until the next 'normal'
drop       lose them
duplicate  deliver each one several times
Scheduled events (the tick) are never touched.

Example: kiro-pipeline local relay hold --type "CloudWatch Alarm State Change"
         kiro-pipeline local relay normal --release reversed`;

/** Adds `local relay …`: faults of the event relay, for trials. */
export function registerRelay(local: Command, directory: string, say: (line: string) => void): void {
  local
    .command("relay")
    .description("make the event relay hold, lose or repeat events, as EventBridge may on AWS")
    .addArgument(new Argument("<mode>").choices(MODES))
    .option("--times <n>", "how often duplicate delivers", severalTimes, 2)
    .addOption(new Option("--release <order>", "of what was held").choices(["in-order", "reversed"]))
    .option("--type <detail-type>", "only events of this detail-type")
    .addHelpText("after", HELP)
    .action(async (mode: (typeof MODES)[number], options: RelayOptions) => {
      const { released } = await changeRelay(directory, requestOf(mode, options));
      say(`The event relay is set to ${mode}${released > 0 ? `; ${released} held events were delivered` : ""}.`);
    });
}

function requestOf(mode: (typeof MODES)[number], { times, release, type }: RelayOptions): RelayRequest {
  if (mode === "normal") return { mode, ...(release === undefined ? {} : { release }) };
  const only = type === undefined ? {} : { detailType: type };
  return mode === "duplicate" ? { mode, times, ...only } : { mode, ...only };
}

/**
 * Sets the mode of the relay of the local cloud in this folder; resolves when what was held has been delivered.
 * @throws Error when it does not run, or refuses.
 */
async function changeRelay(directory: string, request: RelayRequest): Promise<{ readonly released: number }> {
  const record = await readRecord(directory);
  if (record?.endpoint === undefined)
    throw new Error("The local cloud does not run. Start it: kiro-pipeline local start");
  const token = await readFile(join(directory, "push-token"), "utf8");
  const response = await fetch(`${record.endpoint}/_kiro/relay`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-kiro-token": token.trim() },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The local cloud answers ${response.status}: ${text}`);
  return JSON.parse(text) as { released: number };
}

function severalTimes(text: string): number {
  const times = Number(text);
  if (!Number.isInteger(times) || times < 2 || times > 100) throw new InvalidArgumentError("2 to 100 is needed.");
  return times;
}
