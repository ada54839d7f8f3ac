import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { CreateOpsItemRequest, GetOpsItemResponse, OpsItemSummary } from "@aws-sdk/client-ssm";
import { createOpsCenter } from "../../../../local/opscenter";
import { AwsError, type Call, type LocalService } from "../../../../local/services/contract";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

const ARN = "arn:aws:ssm:us-east-1:000000000000:opsitem";
let stateDir: string;
let service: LocalService;
let asked: string[];

beforeEach(async () => {
  stateDir = temporaryFolder("opscenter");
  asked = [];
  service = await open();
});
afterAll(removeTemporary);

const open = () =>
  createOpsCenter({
    endpoint: "http://127.0.0.1:9",
    accountId: "000000000000",
    region: "us-east-1",
    stateDir,
    gitDir: "",
    publish: () => undefined,
    log: () => undefined,
    assumeRole: () => Promise.reject(new Error("no STS here")),
  });

/** A caller whose every request for a right is written down. */
const caller: Call = {
  requestId: "r",
  caller: { arn: "arn:aws:sts::000000000000:assumed-role/rollback/s", accountId: "000000000000", region: "us-east-1" },
  authorize: async (action, resource) => {
    asked.push(`${action} ${resource}`);
    return Promise.resolve();
  },
};

const call = async <T>(operation: string, input: object): Promise<T> =>
  (await service.handle(operation, input, caller)) as T;

const dedup = (dedupString: string) => ({
  "/aws/dedup": { Type: "SearchableString" as const, Value: JSON.stringify({ dedupString }) },
});

async function create(request: Partial<CreateOpsItemRequest> = {}): Promise<string> {
  const item = { Title: "The rollback failed", Description: "d", Source: "kiro-pipeline", ...request };
  return (await call<{ OpsItemId: string }>("CreateOpsItem", item)).OpsItemId;
}

const get = async (OpsItemId: string) => (await call<GetOpsItemResponse>("GetOpsItem", { OpsItemId })).OpsItem;
const describeItems = (input: object) =>
  call<{ OpsItemSummaries: OpsItemSummary[]; NextToken?: string }>("DescribeOpsItems", input);

describe("an OpsItem", () => {
  it("is open when it is made, and survives a restart", async () => {
    const id = await create({ Priority: 1, OperationalData: dedup("x") });
    await service.stop();
    service = await open();
    expect(await get(id)).toEqual({
      OpsItemId: expect.stringMatching(/^oi-[0-9a-f]{12}$/),
      OpsItemArn: `${ARN}/${id}`,
      OpsItemType: "/aws/issue",
      Title: "The rollback failed",
      Description: "d",
      Source: "kiro-pipeline",
      Priority: 1,
      OperationalData: dedup("x"),
      Status: "Open",
      Version: "1",
      CreatedBy: caller.caller.arn,
      CreatedTime: expect.any(Date),
      LastModifiedBy: caller.caller.arn,
      LastModifiedTime: expect.any(Date),
    });
    expect(asked).toEqual(["ssm:CreateOpsItem *", `ssm:GetOpsItem ${ARN}/${id}`]);
  });

  it("is not made twice while one with its dedupString is open", async () => {
    const OpsItemId = await create({ OperationalData: dedup("x") });
    const again = create({ OperationalData: dedup("x") });
    await expect(again).rejects.toMatchObject({ code: "OpsItemAlreadyExistsException", members: { OpsItemId } });
    await create({ OperationalData: dedup("y") });
    await create();
    await call("UpdateOpsItem", { OpsItemId, Status: "Resolved" });
    await expect(create({ OperationalData: dedup("x") })).resolves.not.toBe(OpsItemId);
  });

  it.each([
    [{ OperationalData: { "/aws/dedup": { Value: "x" } } }, "dedupString"],
    [{ OperationalData: { "/aws/dedup": { Value: "{}" } } }, "dedupString"],
    [{ AccountId: "111111111111" }, "other accounts"],
    [{ Tags: [{ Key: "a", Value: "b" }] }, "Tags"],
  ])("with %j is refused", async (request, words) => {
    const refused = create(request);
    await expect(refused).rejects.toMatchObject({ code: "OpsItemInvalidParameterException" });
    await expect(refused).rejects.toThrow(words);
  });

  it("is changed where the update says so", async () => {
    const OpsItemId = await create({ OperationalData: { a: { Value: "1" }, b: { Value: "2" } } });
    await call("UpdateOpsItem", {
      OpsItemId,
      Title: "t",
      OperationalData: { c: { Value: "3" } },
      OperationalDataToDelete: ["a"],
    });
    expect(await get(OpsItemId)).toMatchObject({
      Title: "t",
      Description: "d",
      Status: "Open",
      Version: "2",
      OperationalData: { b: { Value: "2" }, c: { Value: "3" } },
    });
    expect(asked).toContain(`ssm:UpdateOpsItem ${ARN}/${OpsItemId}`);
  });

  it("that does not exist is answered as AWS answers", async () => {
    const nobody = { OpsItemId: "oi-000000000000" };
    await expect(call("GetOpsItem", nobody)).rejects.toMatchObject({ code: "OpsItemNotFoundException" });
    await expect(call("UpdateOpsItem", nobody)).rejects.toBeInstanceOf(AwsError);
  });
});

describe("DescribeOpsItems", () => {
  it("shows the newest first, page by page", async () => {
    const ids = [await create(), await create(), await create()].reverse();
    const first = await describeItems({ MaxResults: 2 });
    const second = await describeItems({ MaxResults: 2, NextToken: first.NextToken });
    expect([...first.OpsItemSummaries, ...second.OpsItemSummaries].map(({ OpsItemId }) => OpsItemId)).toEqual(ids);
    expect(second.NextToken).toBeUndefined();
    expect(first.OpsItemSummaries[0]).not.toHaveProperty("Description");
    await expect(describeItems({ NextToken: "oi-000000000000" })).rejects.toThrow("does not exist any more");
  });

  it("finds by what can be filtered", async () => {
    const id = await create({ Severity: "1", OperationalData: dedup("x") });
    await create({ Title: "Something else" });
    const found = async (Key: string, Values: string[], Operator = "Equal") =>
      (await describeItems({ OpsItemFilters: [{ Key, Values, Operator }] })).OpsItemSummaries.map((i) => i.OpsItemId);
    expect(await found("Status", ["Open"])).toHaveLength(2);
    expect(await found("Title", ["rollback"], "Contains")).toEqual([id]);
    expect(await found("Title", ["rollback"])).toEqual([]);
    expect(await found("OperationalDataKey", ["/aws/dedup"])).toEqual([id]);
    expect(await found("Severity", ["1"])).toEqual([id]);
    await expect(found("CreatedTime", ["2026"], "GreaterThan")).rejects.toThrow("Served locally");
    await expect(found("ResourceId", ["x"])).rejects.toThrow("not Equal on ResourceId");
  });
});

it("serves nothing else of SSM", async () => {
  expect(service.operations).toEqual(["CreateOpsItem", "GetOpsItem", "UpdateOpsItem", "DescribeOpsItems"]);
  await expect(call("GetParameter", {})).rejects.toThrow("the emulator's");
});
