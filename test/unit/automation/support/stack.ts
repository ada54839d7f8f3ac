import { ConcurrentUpdateError, type EngineEvent, type OpType } from "@pulumi/pulumi/automation";
import {
  type ChangeSummary,
  type EngineOptions,
  type EngineStack,
  type PolicyOptions,
} from "../../../../automation/engine/port";

export const urn = (name: string): string => `urn:pulumi:prod::kiro-pipeline::aws:s3/bucket:Bucket::${name}`;

/** A stack whose engine plays recorded events. */
export class StackDouble implements EngineStack {
  readonly operations: string[] = [];
  events: EngineEvent[] = [];
  /** Told instead of `events` by the next previews, one after the other. */
  readonly previews: EngineEvent[][] = [];
  resources: object[] = [];
  /** Operations that a killed update left in the state. */
  pending: { readonly type: string; readonly resource: { readonly urn: string } }[] = [];
  /** A killed update left its lock: whatever writes is refused until it is cancelled. */
  locked = false;
  /** Thrown by the named operation after its events. */
  failure: { readonly operation: string; readonly error: Error; readonly stderr?: string } | undefined;
  options: Partial<EngineOptions & PolicyOptions> & { readonly plan?: string } = {};

  preview = async (options: EngineOptions & { readonly plan: string }) => {
    this.play("preview", options);
    return { changeSummary: {} };
  };
  up = async (options: EngineOptions & { readonly plan: string }) => this.play("up", options);
  refresh = async (options: EngineOptions) => {
    this.play("refresh", options);
    this.pending = [];
  };
  cancel = async () => {
    this.operations.push("cancel");
    this.locked = false;
  };
  destroy = async (options: EngineOptions) => this.play("destroy", options);
  exportStack = async () => ({
    deployment: {
      resources: this.resources,
      ...(this.pending.length === 0 ? {} : { pending_operations: this.pending }),
    },
  });

  private play(operation: string, options: EngineOptions & { readonly plan?: string }): void {
    this.operations.push(operation);
    if (this.locked && operation !== "preview") {
      options.onError("error: locked\n  file:///x.json: created by kiro@dead (pid 7) at 12:00");
      throw new ConcurrentUpdateError("locked");
    }
    this.options = options;
    const events = operation === "preview" ? (this.previews.shift() ?? this.events) : this.events;
    for (const event of events) options.onEvent(event);
    if (this.failure?.operation !== operation) return;
    if (this.failure.stderr !== undefined) options.onError(this.failure.stderr);
    throw this.failure.error;
  }
}

let sequence = 0;
const event = (content: Partial<EngineEvent>, timestamp = 0): EngineEvent => ({
  sequence: (sequence += 1),
  timestamp,
  ...content,
});

export function resourceEvents(op: OpType, name: string, { custom = true, took = 0 } = {}): EngineEvent[] {
  const state = {
    type: "aws:s3/bucket:Bucket",
    urn: urn(name),
    custom,
    id: name,
    parent: "",
    inputs: { password: "hidden" },
    outputs: {},
    provider: "",
  };
  const metadata = { op, urn: urn(name), type: "aws:s3/bucket:Bucket", new: state, provider: "" };
  return [event({ resourcePreEvent: { metadata } }, 100), event({ resOutputsEvent: { metadata } }, 100 + took)];
}

/** What a whole preview ends with: the stack's own outputs and the engine's sum. */
export function previewEnd(resourceChanges: ChangeSummary): EngineEvent[] {
  const stackUrn = "urn:pulumi:prod::kiro-pipeline::pulumi:pulumi:Stack::kiro-pipeline-prod";
  const state = { type: "pulumi:pulumi:Stack", urn: stackUrn, custom: false, id: "", parent: "", provider: "" };
  const side = { ...state, inputs: {}, outputs: {} };
  const metadata = {
    op: "same",
    urn: stackUrn,
    type: "pulumi:pulumi:Stack",
    old: side,
    new: side,
    provider: "",
  } as const;
  return [event({ resOutputsEvent: { metadata } }), summaryEvent(resourceChanges)];
}

export const errorEvent = (message: string, about?: string): EngineEvent =>
  event({
    diagnosticEvent: {
      message,
      severity: "error",
      color: "never",
      ...(about === undefined ? {} : { urn: urn(about) }),
    },
  });

export const warningEvent = (message: string): EngineEvent =>
  event({ diagnosticEvent: { message, severity: "warning", color: "never" } });

export const failedEvent = (op: OpType, name: string): EngineEvent =>
  event({
    resOpFailedEvent: {
      metadata: { op, urn: urn(name), type: "aws:s3/bucket:Bucket", provider: "" },
      status: 1,
      steps: 1,
    },
  });

export const summaryEvent = (resourceChanges: ChangeSummary): EngineEvent =>
  event({ summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges, policyPacks: {} } });

export const policyEvent = (
  policyName: string,
  enforcementLevel: "mandatory" | "warning",
  message: string,
): EngineEvent =>
  event({
    policyEvent: {
      message,
      color: "never",
      policyName,
      policyPackName: "kiro",
      policyPackVersion: "1",
      policyPackVersionTag: "1",
      enforcementLevel,
    },
  });
