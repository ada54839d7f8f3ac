import { z } from "zod";
import { Problem } from "../problem";
import { type CommandResult } from "../result";
import { ENVIRONMENTS, type Environment } from "../../runtime/types";
import { type RollbackFunction } from "./ports";

export interface RollbackRequest {
  readonly environment: Environment;
  /** Who asks. */
  readonly by: string;
  readonly because: string;
  /** Full commit SHA; absent: what was live before. */
  readonly to?: string;
  /** Only decide. */
  readonly dryRun: boolean;
}

const answerSchema = z.object({
  environment: z.enum(ENVIRONMENTS),
  decision: z.looseObject({
    kind: z.enum(["roll-back", "resume", "release-lock", "page-human", "hold", "ignore"]),
    because: z.string(),
    target: z.looseObject({ version: z.string() }).optional(),
  }),
  result: z
    .union([z.looseObject({ success: z.boolean(), level: z.string() }), z.looseObject({ waiting: z.string() })])
    .optional(),
});
type Answer = z.infer<typeof answerSchema>;

/** Asks the rollback function to take the live release of an environment back, or what it would do. */
export async function requestRollback(request: RollbackRequest, target: RollbackFunction): Promise<CommandResult> {
  const answer = read(
    await target.invoke({ source: "kiro-pipeline", "detail-type": "Rollback Requested", detail: request }),
  );
  return {
    ending: ending(answer, request.dryRun),
    document: { ...answer, dryRun: request.dryRun },
    lines: told(answer, request),
  };
}

function read(answer: unknown): Answer {
  const parsed = answerSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Problem("failed", {
    what: "The rollback function answered what this command cannot read",
    value: JSON.stringify(answer),
    remedy: "It may be of another version: `kiro-pipeline up` installs the one that belongs to this command.",
  });
}

function ending({ decision, result }: Answer, dryRun: boolean): CommandResult["ending"] {
  if (dryRun) return "ok";
  if (decision.kind !== "roll-back" && decision.kind !== "resume") return "refused";
  return result !== undefined && "success" in result && !result.success ? "failed" : "ok";
}

function told({ environment, decision, result }: Answer, { dryRun }: RollbackRequest): string[] {
  const { kind, because, target } = decision;
  const to = target === undefined ? "" : ` to release ${target.version}`;
  return [
    `${environment}: ${dryRun ? "would be decided" : "decided"}: ${kind}${to}, because ${because}`,
    ...(result === undefined ? [] : [`  ${outcome(result)}`]),
  ];
}

function outcome(result: NonNullable<Answer["result"]>): string {
  if ("waiting" in result) {
    return `under way: ${String(result.waiting)}. It goes on by itself; \`kiro-pipeline status\` shows how it ends.`;
  }
  return result.success ? `rolled back (${String(result.level)})` : "the rollback failed: a human must look";
}
