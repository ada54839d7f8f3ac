import { describe, expect, it } from "@jest/globals";
import { deploy } from "../../../../automation/delivery/deploy";
import { acknowledgeChange, type AcknowledgePorts } from "../../../../automation/operator/changes";
import { type RetryOutcome } from "../../../../automation/operator/ports";
import { OperatorStateManager } from "../../../../runtime/deployments/operatorManager";
import { classificationOf, widening } from "../support/classification";
import { releaseOf, settings, unasked, World } from "../support/delivery";

describe("a change that staging stopped at", () => {
  it("is acknowledged with who, when and why, and its stage is tried again", async () => {
    const { world, ports, digest, retries } = await stopped();
    const { ending, lines, document } = await acknowledgeChange(request(digest), ports);
    expect(ending).toBe("ok");
    expect(lines).toEqual([
      `acknowledged the change of release ${"b".repeat(40)} in staging, by arn:ada: wanted`,
      "  update aws:iam/rolePolicy:RolePolicy rights",
      "  adds job: s3:PutObject on b/*",
      "StagingEnv of kiro-pipeline-prod is tried again",
    ]);
    expect(document).toMatchObject({ changeDigest: digest, executionId: "execution-1", retried: { kind: "retried" } });
    expect(retries).toEqual(["kiro-pipeline-prod StagingEnv execution-1"]);
    const known = { digest, by: "arn:ada", because: "wanted", at: world.clock.now() };
    expect((await world.table.state("staging")).acknowledgedChange).toEqual(known);
    await acknowledgeChange({ ...request(digest), by: "arn:bob" }, ports);
    expect((await world.table.state("staging")).acknowledgedChange).toEqual(known);
  });

  it("is acknowledged also where the stage cannot be tried again", async () => {
    const { ports, digest } = await stopped({ kind: "not-retryable", because: "it is not the latest" });
    expect((await acknowledgeChange(request(digest), ports)).lines.at(-1)).toBe(
      "StagingEnv of kiro-pipeline-prod cannot be tried again (it is not the latest): start the pipeline, and the change goes in",
    );
  });

  it.each([
    ["another digest", (digest: string) => digest.replace(/^./, (first) => (first === "0" ? "1" : "0"))],
    ["none", () => ""],
  ])("is not acknowledged by %s", async (_what, given) => {
    const { ports, digest, retries } = await stopped();
    await expect(acknowledgeChange(request(given(digest)), ports)).rejects.toMatchObject({
      ending: "refused",
      said: { what: "No deployment in staging waits for this change", allowed: digest },
    });
    expect(retries).toEqual([]);
  });

  it("is not there where nothing was deployed", async () => {
    const { ports } = place(new World());
    await expect(acknowledgeChange(request("0".repeat(64)), ports)).rejects.toMatchObject({
      said: { allowed: "none" },
    });
  });

  it("is busy when others keep writing", async () => {
    const { world, ports, digest } = await stopped();
    world.table.contested.add("state#staging");
    await expect(acknowledgeChange(request(digest), ports)).rejects.toMatchObject({ ending: "busy" });
  });
});

// Helpers

const request = (digest: string) => ({ installation: "prod", digest, by: "arn:ada", because: "wanted" }) as const;

function place(world: World, outcome: RetryOutcome = { kind: "retried" }) {
  const retries: string[] = [];
  const ports: AcknowledgePorts = {
    deployments: world.deployments,
    changes: new OperatorStateManager(world.table, () => world.clock.now()),
    stages: {
      retry: async (pipeline, stage, executionId) => {
        retries.push(`${pipeline} ${stage} ${executionId}`);
        return outcome;
      },
    },
  };
  return { world, ports, retries };
}

async function stopped(outcome?: RetryOutcome) {
  const world = new World();
  world.table.items.set("state#staging", {
    token: 1,
    infrastructureVersion: "a".repeat(40),
    infrastructureDigest: "1".repeat(64),
  });
  world.release = releaseOf("b".repeat(40), "9".repeat(64));
  world.shows = [classificationOf([widening("rights", { principal: "job", action: "s3:PutObject", resource: "b/*" })])];
  const staging = { ...settings, environment: "staging", releaseVersion: "b".repeat(40) } as const;
  await expect(deploy(staging, unasked, world)).rejects.toMatchObject({ ending: "needs-approval" });
  const record = await world.table.record(world.exported["DEPLOYMENT_ID"] ?? "");
  return { ...place(world, outcome), digest: record?.infrastructureDecision?.proof?.changeDigest ?? "" };
}
