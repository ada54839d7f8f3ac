import { describe, expect, it } from "@jest/globals";
import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import type { DeploymentPage, PageRequest } from "../../../../runtime/deployments/ports";
import type { Answer } from "../../../../runtime/rollback/desk";
import type { Decision, Trigger } from "../../../../runtime/rollback/domain";
import { answerRequest } from "../../../../runtime/rollback/operatorRequest";
import { deploymentRecord, rollbackProgress } from "../support/deploymentRecord";

const TO = "9".repeat(40);
const RECORD = deploymentRecord();
const { target: TARGET } = rollbackProgress();
const GOES_BACK: Decision = {
  kind: "roll-back",
  record: RECORD,
  cause: "operator",
  target: TARGET,
  failedAlarms: [],
  counts: false,
  because: "ada: slow",
};
const REQUEST = { environment: "production", by: "ada", because: "slow", dryRun: false } as const;

/** A desk that answers so, and what it was asked. */
function deskThat(decision: Decision = GOES_BACK, run?: Answer["run"]) {
  const asked: unknown[] = [];
  const answer = (how: string) => async (environment: "test" | "staging" | "production", trigger: Trigger) => {
    asked.push([how, environment, trigger]);
    return { environment, decision, run };
  };
  return { asked, desk: { handle: answer("handle"), dryRun: answer("dryRun") } };
}
/** A history of these pages, the newest first. */
function historyOf(...pages: DeploymentRecord[][]) {
  const asked: PageRequest[] = [];
  const history = async (environment: string, page: PageRequest): Promise<DeploymentPage> => {
    expect(environment).toBe("production");
    asked.push(page);
    const at = Number(page.cursor ?? 0);
    return { records: pages[at] ?? [], cursor: at + 1 < pages.length ? String(at + 1) : undefined };
  };
  return { asked, history: { history } };
}
const live = (over: Partial<DeploymentRecord> = {}) =>
  deploymentRecord({ version: TO, releaseDigest: "8".repeat(64), deploymentId: "production#7", ...over });

describe("an operator's request", () => {
  it("enters by the same door as an alarm", async () => {
    const { desk, asked } = deskThat();
    await answerRequest(REQUEST, { desk, ...historyOf() });
    expect(asked).toEqual([["handle", "production", { kind: "operator", by: "ada", because: "slow", to: undefined }]]);
  });

  it("may be a rehearsal", async () => {
    const { desk, asked } = deskThat();
    await answerRequest({ ...REQUEST, dryRun: true }, { desk, ...historyOf() });
    expect(asked).toMatchObject([["dryRun", "production", { kind: "operator" }]]);
  });
});

describe("a release that the operator names", () => {
  const to = async (...pages: DeploymentRecord[][]) => {
    const { desk, asked } = deskThat();
    const { history, asked: read } = historyOf(...pages);
    const answer = await answerRequest({ ...REQUEST, to: TO }, { desk, history });
    return { answer, asked, read };
  };

  it("is gone back to by the deployment through which it was live last", async () => {
    const { asked, read } = await to(
      [live({ deploymentId: "production#9", activatedAt: undefined }), deploymentRecord()],
      [live(), live({ deploymentId: "production#5" })],
    );
    expect(asked).toMatchObject([
      [
        "handle",
        "production",
        {
          to: { version: TO, releaseDigest: "8".repeat(64), deploymentId: "production#7", infrastructureVersion: TO },
        },
      ],
    ]);
    expect(read).toEqual([
      { limit: 100, cursor: undefined },
      { limit: 100, cursor: "1" },
    ]);
  });

  it("that was never live there is refused, and nobody is asked", async () => {
    const { answer, asked, read } = await to([live({ activatedAt: undefined })]);
    expect(answer).toEqual({
      environment: "production",
      decision: { kind: "ignore", because: `${TO} was never live in production, as far as its records go` },
    });
    expect([asked.length, read.length]).toEqual([0, 1]);
  });

  it("is not looked for without end", async () => {
    const { answer, read } = await to(...Array.from({ length: 11 }, (_, page) => (page === 10 ? [live()] : [])));
    expect(answer.decision.kind).toBe("ignore");
    expect(read).toHaveLength(10);
  });
});

describe("the answer", () => {
  const answer = (decision: Decision, run?: Answer["run"]) =>
    answerRequest(REQUEST, { desk: deskThat(decision, run).desk, ...historyOf() });
  const printed = { deploymentId: RECORD.deploymentId, version: RECORD.version };

  it("names what goes back, where to and why", async () => {
    expect(await answer(GOES_BACK)).toEqual({
      environment: "production",
      decision: { kind: "roll-back", because: "ada: slow", ...printed, cause: "operator", target: TARGET },
    });
  });

  it("says how it ended, or what it waits for, and never more than can be printed", async () => {
    const result = { success: true, level: "stage" } as const;
    expect((await answer(GOES_BACK, { kind: "ended", result, record: RECORD })).result).toEqual(result);
    expect((await answer(GOES_BACK, { kind: "waiting", because: "build undo:1" })).result).toEqual({
      waiting: "build undo:1",
    });
    expect(await answer(GOES_BACK, { kind: "stale", because: "" })).not.toHaveProperty("result");
  });

  it("names the deployment that is going back already", async () => {
    expect(await answer({ kind: "resume", deploymentId: "production#3", because: "it is" })).toEqual({
      environment: "production",
      decision: { kind: "resume", because: "it is", deploymentId: "production#3" },
    });
  });

  it("names what a human has to look at", async () => {
    expect(await answer({ kind: "hold", record: RECORD, because: "spent" })).toEqual({
      environment: "production",
      decision: { kind: "hold", because: "spent", ...printed },
    });
  });

  it("says why nothing is done", async () => {
    expect(await answer({ kind: "ignore", because: "nothing is live" })).toEqual({
      environment: "production",
      decision: { kind: "ignore", because: "nothing is live" },
    });
  });
});
