/**
 * OpsCenter of AWS Systems Manager on one machine: the four operations on OpsItems, which the emulator's SSM has not.
 * Every other operation of SSM is the emulator's.
 */
import type {
  CreateOpsItemRequest,
  DescribeOpsItemsRequest,
  GetOpsItemRequest,
  OpsItemFilter,
  UpdateOpsItemRequest,
} from "@aws-sdk/client-ssm";
import { randomBytes } from "node:crypto";
import { AwsError, type Call, type LocalService, type Surroundings } from "../services/contract";
import { OpsItems, type StoredItem } from "./items";

type Handler = (input: unknown, call: Call) => Promise<unknown>;

/** AWS answers at most this many OpsItems a page. */
const LARGEST_PAGE = 50;

export async function createOpsCenter(s: Surroundings): Promise<LocalService> {
  const items = await OpsItems.open(s.stateDir);
  const arn = (id: string) => `arn:aws:ssm:${s.region}:${s.accountId}:opsitem/${id}`;

  const operations: Readonly<Record<string, Handler | undefined>> = {
    async CreateOpsItem(input, call) {
      // No resource type in the Service Authorization Reference: a policy must say "*".
      await call.authorize("ssm:CreateOpsItem", "*");
      const { Tags, AccountId, ...given } = input as CreateOpsItemRequest;
      if (AccountId !== undefined) throw invalid("AccountId", "OpsItems of other accounts are not served locally.");
      if (Tags !== undefined) throw invalid("Tags", "Tags of OpsItems are not served locally.");
      const known = items.duplicateOf(given.OperationalData);
      if (known !== undefined) {
        const { OpsItemId } = known;
        const message = `An OpsItem with this dedupString is open: ${OpsItemId}.`;
        throw new AwsError("OpsItemAlreadyExistsException", message, 400, { OpsItemId });
      }
      const OpsItemId = `oi-${randomBytes(6).toString("hex")}`;
      const now = new Date();
      await items.put({
        OpsItemType: "/aws/issue",
        ...given,
        OpsItemId,
        OpsItemArn: arn(OpsItemId),
        Status: "Open",
        Version: "1",
        CreatedBy: call.caller.arn,
        CreatedTime: now,
        LastModifiedBy: call.caller.arn,
        LastModifiedTime: now,
      });
      return { OpsItemId, OpsItemArn: arn(OpsItemId) };
    },

    async GetOpsItem(input, call) {
      const { OpsItemId = "" } = input as GetOpsItemRequest;
      await call.authorize("ssm:GetOpsItem", arn(OpsItemId));
      return { OpsItem: items.get(OpsItemId) };
    },

    async UpdateOpsItem(input, call) {
      const request = input as UpdateOpsItemRequest;
      const { OpsItemId = "", OperationalDataToDelete: dropped = [] } = request;
      await call.authorize("ssm:UpdateOpsItem", arn(OpsItemId));
      const before = items.get(OpsItemId);
      const data = Object.entries({ ...before.OperationalData, ...request.OperationalData });
      await items.put({
        ...before,
        ...without(request, ["OpsItemArn", "OperationalDataToDelete"]),
        OpsItemId,
        Status: request.Status ?? before.Status,
        OperationalData: Object.fromEntries(data.filter(([key]) => !dropped.includes(key))),
        Version: String(Number(before.Version) + 1),
        LastModifiedBy: call.caller.arn,
        LastModifiedTime: new Date(),
      });
      return {};
    },

    async DescribeOpsItems(input, call) {
      // No resource type either.
      await call.authorize("ssm:DescribeOpsItems", "*");
      const { OpsItemFilters = [], MaxResults = LARGEST_PAGE, NextToken } = input as DescribeOpsItemsRequest;
      const found = items.list().filter((item) => OpsItemFilters.every((filter) => passes(item, filter)));
      const start = NextToken === undefined ? 0 : found.findIndex(({ OpsItemId }) => OpsItemId === NextToken);
      if (start < 0) throw invalid("NextToken", "The page it leads to does not exist any more.");
      const following = found[start + MaxResults];
      return {
        OpsItemSummaries: found.slice(start, start + MaxResults).map(summary),
        ...(following === undefined ? {} : { NextToken: following.OpsItemId }),
      };
    },
  };

  return {
    name: "ssm",
    apiVersion: "2014-11-06",
    operations: Object.keys(operations),
    async handle(operation, input, call) {
      const handler = operations[operation];
      if (handler === undefined) throw new Error(`${operation} is the emulator's`);
      return handler(input, call);
    },
    stop: () => items.flush(),
  };
}

/** How OpsItems can be looked for here: the value that a filter's key is about. */
const FILTERED: Readonly<Record<string, (item: StoredItem) => readonly (string | undefined)[]>> = {
  OpsItemId: (item) => [item.OpsItemId],
  Status: (item) => [item.Status],
  Source: (item) => [item.Source],
  Title: (item) => [item.Title],
  Severity: (item) => [item.Severity],
  Category: (item) => [item.Category],
  Priority: (item) => [String(item.Priority)],
  OpsItemType: (item) => [item.OpsItemType],
  OperationalDataKey: (item) => Object.keys(item.OperationalData ?? {}),
  OperationalDataValue: (item) => Object.values(item.OperationalData ?? {}).map(({ Value }) => Value),
};

function passes(item: StoredItem, { Key, Operator, Values = [] }: OpsItemFilter): boolean {
  const of = FILTERED[Key ?? ""];
  if (of === undefined || (Operator !== "Equal" && Operator !== "Contains")) {
    const keys = Object.keys(FILTERED).join(", ");
    throw invalid("OpsItemFilters", `Served locally: Equal and Contains on ${keys}; not ${Operator} on ${Key}.`);
  }
  return of(item).some((value) =>
    Values.some((wanted) => (Operator === "Equal" ? value === wanted : value?.includes(wanted))),
  );
}

function summary(item: StoredItem): object {
  return without(item, ["Description", "Notifications", "RelatedOpsItems", "OpsItemArn", "Version"]);
}

function without<T extends object, K extends keyof T>(value: T, names: readonly K[]): Omit<T, K> {
  const kept = Object.entries(value).filter(([name]) => !(names as readonly string[]).includes(name));
  return Object.fromEntries(kept) as Omit<T, K>;
}

function invalid(parameter: string, message: string): AwsError {
  return new AwsError("OpsItemInvalidParameterException", message, 400, { ParameterNames: [parameter] });
}
