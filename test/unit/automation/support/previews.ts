import { type EngineEvent, type StepEventMetadata } from "@pulumi/pulumi/automation";

/** A value that the engine does not know before the update. */
export const UNKNOWN_MARK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What the engine shows instead of any secret. */
export const MASKED = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

type Properties = Readonly<Record<string, unknown>>;

export interface StepOptions {
  readonly name?: string;
  readonly custom?: boolean;
  /** Inputs before; `null`, as the engine says it, without. */
  readonly old?: Properties;
  readonly new?: Properties;
  readonly diffs?: readonly string[];
  readonly detailed?: readonly string[];
}

/** The beginning of a resource's step. */
export function step(op: string, type: string, options: StepOptions = {}): EngineEvent {
  const { name = "thing", custom = true, diffs = null, detailed } = options;
  const side = (inputs: Properties | undefined) => (inputs === undefined ? null : { custom, inputs });
  const metadata = {
    op,
    urn: `urn:pulumi:trial::trial::${type}::${name}`,
    type,
    old: side(options.old),
    new: side(options.new),
    diffs,
    detailedDiff: detailed && Object.fromEntries(detailed.map((path) => [path, { diffKind: "update" }])),
  };
  return { resourcePreEvent: { metadata } } as unknown as EngineEvent;
}

/** The stack's outputs, before and after. */
export function outputs(old: Properties, next: Properties): EngineEvent {
  const type = "pulumi:pulumi:Stack";
  const metadata = {
    op: "same",
    urn: `urn:pulumi:trial::trial::${type}::trial`,
    type,
    old: { outputs: old },
    new: { outputs: next },
  };
  return { resOutputsEvent: { metadata } } as unknown as EngineEvent;
}

export const summary = (resourceChanges: Readonly<Record<string, number>>): EngineEvent =>
  ({ summaryEvent: { resourceChanges } }) as unknown as EngineEvent;

/** Everything that the engine tells of a preview with these steps, besides the stack itself. */
export function preview(...steps: readonly EngineEvent[]): EngineEvent[] {
  const counts: Record<string, number> = { same: 0 };
  for (const { resourcePreEvent } of steps) {
    const { op } = resourcePreEvent?.metadata ?? ({} as StepEventMetadata);
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return [...steps, outputs({}, {}), summary(counts)];
}
