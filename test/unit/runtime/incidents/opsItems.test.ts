import { CreateOpsItemCommand, OpsItemAlreadyExistsException, SSMClient } from "@aws-sdk/client-ssm";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { opsItems } from "../../../../runtime/incidents/opsItems";
import type { Incident } from "../../../../runtime/incidents/ports";

const ssm = mockClient(SSMClient);
const INCIDENT: Incident = {
  deduplicationKey: "production#1#rollback_failed",
  title: "the rollback of production failed",
  description: "the build of the undo failed",
  severity: "1",
};
const open = (over: Partial<Incident> = {}) =>
  opsItems(new SSMClient({ region: "us-east-1" }), "kiro-pipeline-prod").open({ ...INCIDENT, ...over });
const created = () => ssm.commandCalls(CreateOpsItemCommand).map(({ args }) => args[0].input);
beforeEach(() => {
  ssm.reset();
  ssm.on(CreateOpsItemCommand).resolves({ OpsItemId: "oi-1" });
});

describe("an incident", () => {
  it("is an OpsItem of this pipeline, recognised when it comes again", async () => {
    await open();
    expect(created()).toEqual([
      {
        Title: "kiro-pipeline-prod: the rollback of production failed",
        Description: "the build of the undo failed",
        Source: "kiro-pipeline",
        Severity: "1",
        OperationalData: {
          "/aws/dedup": {
            Type: "SearchableString",
            Value: '{"dedupString":"kiro-pipeline-prod: production#1#rollback_failed"}',
          },
        },
      },
    ]);
  });

  it("that is open already is not opened again", async () => {
    ssm.on(CreateOpsItemCommand).rejects(new OpsItemAlreadyExistsException({ message: "it is", $metadata: {} }));
    await expect(open()).resolves.toBeUndefined();
  });

  it("is cut to what OpsCenter takes", async () => {
    await open({ title: `two\nlines ${"x".repeat(2_000)}`, description: "y".repeat(3_000) });
    const [item] = created();
    expect(item?.Title).toMatch(/^kiro-pipeline-prod: two lines x+$/);
    expect(item?.Title).toHaveLength(1024);
    expect(item?.Description).toBe("y".repeat(2_048));
  });

  it("that cannot be opened is an error", async () => {
    ssm.on(CreateOpsItemCommand).rejects(new Error("AccessDenied"));
    await expect(open()).rejects.toThrow("AccessDenied");
  });
});
