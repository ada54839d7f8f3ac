import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { lambdaRollbackFunction } from "../../../../automation/operator/lambdaFunction";
import { requestRollback, type RollbackRequest } from "../../../../automation/operator/rollback";

describe("an operator's request for a rollback", () => {
  it("is one event, in the name of whoever asks", async () => {
    const asked: unknown[] = [];
    const invoke = async (event: unknown) => {
      asked.push(event);
      return { environment: "production", decision: rollBack, result: { success: true, level: "stage" } };
    };
    const { ending, document, lines } = await requestRollback({ ...request, to: target.version }, { invoke });
    expect(asked).toEqual([
      {
        source: "kiro-pipeline",
        "detail-type": "Rollback Requested",
        detail: {
          environment: "production",
          by: "arn:ada",
          because: "jobs are lost",
          to: target.version,
          dryRun: false,
        },
      },
    ]);
    expect(ending).toBe("ok");
    expect(document).toMatchObject({ decision: rollBack, result: { success: true }, dryRun: false });
    expect(lines).toEqual([
      `production: decided: roll-back to release ${target.version}, because arn:ada: jobs are lost`,
      "  rolled back (stage)",
    ]);
  });

  it.each([
    [{ decision: rollBackOf(), result: { waiting: "build deploy:1 stops" } }, "ok", "under way: build deploy:1 stops."],
    [{ decision: rollBackOf(), result: { success: false, level: "none" } }, "failed", "a human must look"],
    [{ decision: { kind: "resume", because: "it is being taken back" } }, "ok", "decided: resume"],
    [
      { decision: { kind: "ignore", because: "nothing is live" } },
      "refused",
      "decided: ignore, because nothing is live",
    ],
    [{ decision: { kind: "page-human", because: "incompatible" } }, "refused", "decided: page-human"],
  ])("%j ends %s and says so", async (answer, ending, text) => {
    const result = await requestRollback(request, { invoke: async () => ({ environment: "production", ...answer }) });
    expect(result.ending).toBe(ending);
    expect(result.lines.join("\n")).toContain(text);
  });

  it("that only asks what would be done is always answered well", async () => {
    const invoke = async () => ({
      environment: "production",
      decision: { kind: "ignore", because: "nothing is live" },
    });
    expect(await requestRollback({ ...request, dryRun: true }, { invoke })).toMatchObject({
      ending: "ok",
      lines: ["production: would be decided: ignore, because nothing is live"],
    });
  });

  it("that is answered in words nobody knows has failed", async () => {
    await expect(requestRollback(request, { invoke: async () => ({ ok: true }) })).rejects.toMatchObject({
      ending: "failed",
      said: { value: '{"ok":true}' },
    });
  });
});

describe("the rollback function in AWS", () => {
  const lambda = mockClient(LambdaClient);
  const target = lambdaRollbackFunction(new LambdaClient({ region: "us-east-1" }), "kiro-pipeline-prod-rollback");
  const payload = (answer: object) => {
    const text = JSON.stringify(answer);
    return Object.assign(new Uint8Array(Buffer.from(text)), { transformToString: () => text });
  };
  beforeEach(() => {
    lambda.reset();
  });

  it("is asked directly, and its answer waited for", async () => {
    lambda
      .on(InvokeCommand, {
        FunctionName: "kiro-pipeline-prod-rollback",
        InvocationType: "RequestResponse",
        Payload: '{"a":1}',
      })
      .resolves({ Payload: payload({ b: 2 }) });
    expect(await target.invoke({ a: 1 })).toEqual({ b: 2 });
  });

  it("that answers nothing has nothing to say", async () => {
    lambda.on(InvokeCommand).resolves({});
    expect(await target.invoke({})).toBeNull();
  });

  it("that fails is a failure in its own words", async () => {
    const told = payload({ errorType: "Error", errorMessage: "the table cannot be read" });
    lambda.on(InvokeCommand).resolves({ FunctionError: "Unhandled", Payload: told });
    await expect(target.invoke({})).rejects.toMatchObject({
      ending: "failed",
      said: { what: "kiro-pipeline-prod-rollback failed: Error: the table cannot be read" },
    });
    lambda.on(InvokeCommand).resolves({ FunctionError: "Unhandled" });
    await expect(target.invoke({})).rejects.toThrow("kiro-pipeline-prod-rollback failed: Unhandled: no message");
  });
});

// Helpers

const request: RollbackRequest = { environment: "production", by: "arn:ada", because: "jobs are lost", dryRun: false };
const target = { version: "b".repeat(40), deploymentId: "production#1" };
const rollBack = rollBackOf();

function rollBackOf() {
  const version = "b".repeat(40);
  return { kind: "roll-back", because: "arn:ada: jobs are lost", target: { version, deploymentId: "production#1" } };
}
