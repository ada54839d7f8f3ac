import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type EngineEvent, LocalWorkspace, PulumiCommand, type StepEventMetadata } from "@pulumi/pulumi/automation";
import { projectRoot } from "../../../local/cloud/paths";
import { BEFORE, CHANGES, programOf, WITH_SECRET_OUTPUT, type World } from "./program";

/** What the classifier reads of a preview's events. */
export type Recording = readonly object[];

/**
 * Previews the fixture program in its variants with the real engine and the local provider, on a cloud that is empty.
 *
 * @param directory for the engine's state; the caller removes it.
 * @param env leads the provider to the cloud.
 * @param names of the variants.
 */
export async function recordPreviews(
  directory: string,
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Promise<ReadonlyMap<string, Recording>> {
  const root = projectRoot();
  const backend = join(directory, "backend");
  await mkdir(backend);
  const stack = await LocalWorkspace.createStack(
    { stackName: "trial", projectName: "trial", program: programOf(BEFORE) },
    {
      pulumiCommand: await PulumiCommand.get({ root: join(root, ".local", "toolchain", "v3.220.0") }),
      pulumiHome: join(root, ".local", "pulumi-home"),
      envVars: { ...env, PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "trial" },
    },
  );
  const recordings = new Map<string, Recording>();
  const record = async (name: string, world: World): Promise<void> => {
    if (!names.includes(name)) return;
    const events: EngineEvent[] = [];
    await stack.preview({ program: programOf(world), onEvent: (event) => void events.push(event) });
    recordings.set(name, trimmed(events));
  };
  const apply = (world: World) => stack.up({ program: programOf(world), showSecrets: false });

  await record("first-deployment", BEFORE);
  await apply(BEFORE);
  for (const [name, change] of Object.entries(CHANGES)) await record(name, { ...BEFORE, ...change });
  if (names.includes("secret-output")) await apply(WITH_SECRET_OUTPUT);
  await record("secret-output", WITH_SECRET_OUTPUT);
  return recordings;
}

/** Sorted, because the engine works on many resources at once; without what differs from run to run. */
function trimmed(events: readonly EngineEvent[]): Recording {
  const steps = events
    .flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? [])
    .map(trimmedStep)
    .sort((a, b) => (`${a.urn} ${a.op}` < `${b.urn} ${b.op}` ? -1 : 1));
  const outputs = events
    .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
    .filter(({ type }) => type === "pulumi:pulumi:Stack")
    .map(({ op, urn, type, old, new: next }) => ({
      op,
      urn,
      type,
      old: old && { outputs: old.outputs },
      new: next && { outputs: next.outputs },
    }));
  const summaries = events.flatMap(({ summaryEvent }) => summaryEvent ?? []);
  const recording = [
    ...steps.map((metadata) => ({ resourcePreEvent: { metadata } })),
    ...outputs.map((metadata) => ({ resOutputsEvent: { metadata } })),
    ...summaries.map(({ resourceChanges }) => ({ summaryEvent: { resourceChanges } })),
  ];
  return JSON.parse(JSON.stringify(recording).replace(/unnamed-[0-9a-f]{7}/g, "unnamed-0123abc")) as Recording;
}

function trimmedStep({ op, urn, type, old, new: next, diffs, detailedDiff }: StepEventMetadata) {
  // What does not change is read of providers alone.
  const whole = op !== "same" || type.startsWith("pulumi:providers:");
  const side = (state: StepEventMetadata["old"] | null) =>
    state && { custom: state.custom, ...(whole ? { inputs: state.inputs } : {}) };
  return { op, urn, type, old: side(old), new: side(next), diffs, detailedDiff };
}
