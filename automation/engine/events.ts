import { stripVTControlCharacters } from "node:util";
import { type EngineEvent, type OpType, type PolicyEvent, type StepEventMetadata } from "@pulumi/pulumi/automation";

export interface ResourceChange {
  readonly op: OpType;
  readonly type: string;
  /** The logical name: the last part of the URN. */
  readonly name: string;
}

/** Something that went wrong, with the resource it happened to; `urn` is absent for the program and the engine itself. */
export interface EngineFailure {
  readonly urn?: string;
  readonly message: string;
}

/** The engine's last word about a run that failed: it counts where nothing else was said. */
const sumsUp = /^(preview|update|refresh|destroy) failed$/;

const differed = "the update would have differed from its plan";

const words: Partial<Record<OpType, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "created anew",
  "delete-replaced": "deleted the replaced",
  read: "read",
  import: "imported",
};

/**
 * Reads the engine's events: what changed, what failed, and one line for each finished resource. Never looks at
 * inputs or outputs, so that nothing secret can come through here.
 */
export class EventReader {
  readonly changes: ResourceChange[] = [];
  private readonly errors: EngineFailure[] = [];
  private readonly failedUrns: string[] = [];
  private readonly began = new Map<string, number>();
  private planned: Record<string, number> = {};

  /** @param planning a preview finishes nothing, so it prints no line for a resource. */
  constructor(
    private readonly line: (text: string) => void,
    private readonly planning: boolean,
  ) {}

  readonly read = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent, policyEvent } = event;
    if (resourcePreEvent !== undefined) this.starts(resourcePreEvent.metadata, event.timestamp);
    if (resOutputsEvent !== undefined) this.ends(resOutputsEvent.metadata, event.timestamp);
    if (resOpFailedEvent !== undefined) this.failedUrns.push(resOpFailedEvent.metadata.urn);
    if (diagnosticEvent?.severity === "error") this.fails(diagnosticEvent.message, diagnosticEvent.urn);
    if (diagnosticEvent?.severity === "warning") this.line(`  warning: ${oneLine(diagnosticEvent.message)}`);
    if (policyEvent?.enforcementLevel === "mandatory") this.fails(violation(policyEvent), policyEvent.resourceUrn);
    else if (policyEvent !== undefined)
      this.line(`  advisory ${oneLine(violation(policyEvent))} (${nameOf(policyEvent.resourceUrn ?? "")})`);
    if (summaryEvent !== undefined) this.planned = summaryEvent.resourceChanges;
  };

  /** Counts by operation of the engine's own summary. */
  get summary(): Readonly<Record<string, number>> {
    return this.planned;
  }

  /** Every error once, with its resource; a resource that failed without a message of its own is listed as such. */
  get failures(): readonly EngineFailure[] {
    const told = new Set(this.errors.map(({ urn }) => urn));
    const silent = this.failedUrns
      .filter((urn) => !told.has(urn))
      .map((urn) => ({ urn, message: "the operation failed" }));
    const all = [...this.errors, ...silent];
    const causes = all.filter(({ urn, message }) => urn !== undefined || !sumsUp.test(message));
    return causes.length > 0 ? causes : all;
  }

  /** Whether the engine refused because the program does not do what the plan says. */
  get differedFromPlan(): boolean {
    return this.errors.some(({ message }) => message === differed);
  }

  private starts({ op, urn, type }: StepEventMetadata, timestamp: number): void {
    // The engine's own: the stack and the providers.
    if (op === "same" || type.startsWith("pulumi:")) return;
    this.began.set(`${op} ${urn}`, timestamp);
    this.changes.push({ op, type, name: nameOf(urn) });
  }

  /** Components have nothing of their own that could take time, and end twice. */
  private ends({ op, urn, type, new: after, old: before }: StepEventMetadata, timestamp: number): void {
    const word = words[op];
    const began = this.began.get(`${op} ${urn}`);
    if (this.planning || word === undefined || began === undefined || (after ?? before)?.custom !== true) return;
    this.line(`  ${word} ${type} ${nameOf(urn)} ${timestamp - began} s`);
  }

  private fails(coloured: string, urn: string | undefined): void {
    const text = stripVTControlCharacters(coloured);
    // What a violated plan says shows values.
    const message = text.includes("violates plan") ? differed : text.trim();
    if (message === "" || this.errors.some((known) => known.message === message && known.urn === urn)) return;
    this.errors.push(urn === undefined || urn === "" ? { message } : { urn, message });
  }
}

/** The engine puts the policy's description before the message. */
const violation = ({ policyName, message }: PolicyEvent): string =>
  `policy ${policyName}: ${stripVTControlCharacters(message)}`;

export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** `12 create, 1 update, 30 same`; `nothing` for an empty summary. */
export function describeCounts(counts: Readonly<Record<string, number | undefined>>): string {
  const parts = Object.entries(counts)
    .filter(([, count]) => (count ?? 0) > 0)
    .map(([op, count]) => `${count} ${op}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

const oneLine = (text: string): string => text.trim().replace(/\s+/g, " ");
