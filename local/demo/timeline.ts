import { type ActionExecutionDetail } from "@aws-sdk/client-codepipeline";

/** One action of one pipeline execution, as it stands. Times in seconds. */
export interface ActionLine {
  readonly stage: string;
  readonly name: string;
  readonly status: string;
  readonly seconds: number;
  /** Where its build is, or why it failed; as CodePipeline says it. */
  readonly detail: string | undefined;
  readonly buildId: string | undefined;
}

export interface StageSummary {
  readonly name: string;
  readonly actions: readonly { readonly name: string; readonly status: string; readonly seconds: number }[];
}

/** CodePipeline lists the newest first and every attempt: the timeline is oldest first, the last attempt of each action. */
export function timeline(details: readonly ActionExecutionDetail[], now: Date): ActionLine[] {
  const latest = new Map<string, ActionExecutionDetail>();
  for (const detail of [...details].sort(byStart)) latest.set(`${detail.stageName}/${detail.actionName}`, detail);
  return [...latest.values()].sort(byStart).map((detail) => {
    const result = detail.output?.executionResult;
    return {
      stage: detail.stageName ?? "?",
      name: detail.actionName ?? "?",
      status: detail.status ?? "?",
      seconds: secondsBetween(detail.startTime, detail.status === "InProgress" ? now : detail.lastUpdateTime),
      detail: result?.errorDetails?.message ?? result?.externalExecutionSummary,
      buildId: result?.externalExecutionId,
    };
  });
}

export function stages(lines: readonly ActionLine[]): StageSummary[] {
  const names = [...new Set(lines.map((line) => line.stage))];
  return names.map((name) => ({
    name,
    actions: lines
      .filter((line) => line.stage === name)
      .map((line) => ({ name: line.name, status: line.status, seconds: line.seconds })),
  }));
}

function byStart(a: ActionExecutionDetail, b: ActionExecutionDetail): number {
  return (a.startTime?.getTime() ?? 0) - (b.startTime?.getTime() ?? 0);
}

function secondsBetween(from: Date | undefined, to: Date | undefined): number {
  if (from === undefined || to === undefined) return 0;
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 100) / 10);
}
