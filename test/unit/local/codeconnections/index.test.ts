import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createCodeConnections } from "../../../../local/codeconnections";
import { type Call, type LocalService } from "../../../../local/services/contract";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

type Reply = Record<string, unknown>;

let stateDir: string;
let service: LocalService;
const asked: string[] = [];

beforeEach(async () => {
  stateDir = temporaryFolder("codeconnections");
  service = await open();
  asked.length = 0;
});
afterAll(removeTemporary);

describe("connections", () => {
  it("are available at once, with an ARN as AWS makes it", async () => {
    const { ConnectionArn } = await invoke("CreateConnection", { ConnectionName: "git", ProviderType: "GitHub" });
    expect(ConnectionArn).toMatch(/^arn:aws:codeconnections:us-east-1:000000000000:connection\/[0-9a-f-]{36}$/);
    expect(await invoke("GetConnection", { ConnectionArn })).toEqual({
      Connection: {
        ConnectionArn,
        ConnectionName: "git",
        ProviderType: "GitHub",
        OwnerAccountId: "000000000000",
        ConnectionStatus: "AVAILABLE",
      },
    });
    expect(asked).toEqual([
      "codeconnections:CreateConnection arn:aws:codeconnections:us-east-1:000000000000:connection/*",
      `codeconnections:GetConnection ${String(ConnectionArn)}`,
    ]);
  });

  it("outlive a restart, and end when deleted", async () => {
    const { ConnectionArn } = await invoke("CreateConnection", { ConnectionName: "git" });
    await service.stop();
    service = await open();
    await invoke("GetConnection", { ConnectionArn });
    await invoke("DeleteConnection", { ConnectionArn });
    await expect(invoke("GetConnection", { ConnectionArn })).rejects.toMatchObject({
      code: "ResourceNotFoundException",
    });
    await expect(invoke("DeleteConnection", { ConnectionArn })).rejects.toMatchObject({
      code: "ResourceNotFoundException",
    });
  });

  it("are listed by page and provider", async () => {
    for (const ProviderType of ["GitHub", "GitHub", "GitLab"]) {
      await invoke("CreateConnection", { ConnectionName: "c", ProviderType });
    }
    const first = await invoke("ListConnections", { MaxResults: 2 });
    const second = await invoke("ListConnections", { MaxResults: 2, NextToken: first["NextToken"] });
    const arns = [first, second].flatMap((r) => (r["Connections"] as Reply[]).map((c) => c["ConnectionArn"]));
    expect(new Set(arns).size).toBe(3);
    expect(second["NextToken"]).toBeUndefined();
    expect((await invoke("ListConnections", { ProviderTypeFilter: "GitLab" }))["Connections"]).toHaveLength(1);
    expect((await invoke("ListConnections", { HostArnFilter: "h" }))["Connections"]).toEqual([]);
  });

  it("carry tags", async () => {
    const Tags = [{ Key: "a", Value: "1" }];
    const { ConnectionArn: ResourceArn } = await invoke("CreateConnection", { ConnectionName: "git", Tags });
    await invoke("TagResource", {
      ResourceArn,
      Tags: [
        { Key: "a", Value: "2" },
        { Key: "b", Value: "3" },
      ],
    });
    await invoke("UntagResource", { ResourceArn, TagKeys: ["b"] });
    expect(await invoke("ListTagsForResource", { ResourceArn })).toEqual({ Tags: [{ Key: "a", Value: "2" }] });
  });

  it("through hosts, and other operations, are refused by name", async () => {
    await expect(invoke("CreateConnection", { ConnectionName: "c", HostArn: "h" })).rejects.toThrow("HostArn");
    await expect(invoke("CreateHost", {})).rejects.toThrow("CreateHost of CodeConnections is not served locally.");
  });
});

// Helpers

const open = () =>
  createCodeConnections({
    endpoint: "http://127.0.0.1:9",
    accountId: "000000000000",
    region: "us-east-1",
    stateDir,
    gitDir: stateDir,
    publish: () => undefined,
    assumeRole: async () => ({ accessKeyId: "a", secretAccessKey: "s" }),
    log: () => undefined,
  });

async function invoke(operation: string, input: object): Promise<Reply> {
  const call: Call = {
    requestId: "r",
    caller: { arn: "arn:aws:iam::000000000000:root", accountId: "000000000000", region: "us-east-1" },
    authorize: async (action, resource) => void asked.push(`${action} ${resource}`),
  };
  return (await service.handle(operation, input, call)) as Reply;
}
