import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type PipelineDeclaration } from "../../../../local/codepipeline/engine/declaration";
import { validate } from "../../../../local/codepipeline/engine/validate";
import { approval, build, declare, source } from "../../../unit/local/codepipeline/engine/world";
import { type Choice, Model } from "./model";

describe("the engine", () => {
  it("keeps its rules whatever happens in whatever order, and every execution ends", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        pipelines(),
        fc.array(choices(), { minLength: 20, maxLength: 60, size: "max" }),
        (declaration, script) => {
          expect(validate(declaration, "us-east-1")).toBeUndefined();
          const world = new Model(declaration, seen);
          for (const choice of script) world.do(choice);
          world.drain();
        },
      ),
      { numRuns: 150 },
    );
    for (const reached of REACHED) expect(seen).toContain(reached);
  });
});

/** The generator has to reach all of these, or the property says little. */
const REACHED = [
  "ended Succeeded",
  "ended Failed",
  "ended Stopped",
  "ended Superseded",
  "approved",
  "rejected",
  "expired",
  "retried FAILED_ACTIONS",
  "retried ALL_ACTIONS",
  "abandoned",
  "late report",
  "updated while running",
  "waited in a queue",
  "side by side",
  "refused InvalidApprovalTokenException",
  "refused ApprovalAlreadyCompletedException",
  "refused DuplicatedStopRequestException",
  "refused PipelineExecutionNotStoppableException",
  "refused NotLatestPipelineExecutionException",
  "refused StageNotRetryableException",
];

// Generators

function choices(): fc.Arbitrary<Choice> {
  const kind = fc.oneof(
    { weight: 4, arbitrary: fc.constant("start" as const) },
    { weight: 10, arbitrary: fc.constant("finish" as const) },
    { weight: 6, arbitrary: fc.constantFrom("answer" as const, "retry" as const) },
    { weight: 3, arbitrary: fc.constant("stop" as const) },
    { weight: 5, arbitrary: fc.constantFrom("late", "time", "gate", "update" as const) },
  );
  const flag = fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
  return fc.record({ kind, pick: fc.noBias(fc.nat({ max: 11 })), flag });
}

/** One to three stages after the source, each with up to three actions in any run order, some of them approvals. */
function pipelines(): fc.Arbitrary<PipelineDeclaration> {
  const action = fc.record({ runOrder: fc.integer({ min: 1, max: 2 }), approves: fc.boolean() });
  const stage = fc.array(action, { minLength: 1, maxLength: 3 });
  return fc
    .record({
      executionMode: fc.constantFrom("SUPERSEDED" as const, "QUEUED" as const),
      stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
    })
    .map(({ executionMode, stages }) =>
      declare({
        executionMode,
        stages: [
          { name: "Source", actions: [source("Source")] },
          ...stages.map((actions, i) => ({
            name: `Stage${i}`,
            actions: actions.map(({ runOrder, approves }, j) =>
              approves
                ? approval(j === 0 ? "Approve" : `Approve${j}`, { runOrder, timeoutInMinutes: 5 + j })
                : build(`Build${j}`, { runOrder }),
            ),
          })),
        ],
      }),
    );
}
