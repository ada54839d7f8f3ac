import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineEvent } from "@pulumi/pulumi/automation";
import { describe, expect, test } from "@jest/globals";
import { classify } from "../../../../automation/changes/classify";
import { type ClassifiedChange } from "../../../../automation/changes/domain";
import { MASKED, outputs, preview, step, summary, UNKNOWN_MARK } from "../support/previews";

/** What the real engine said; see test/integration/automation/changes/recorded.test.ts. */
const recorded = (name: string): EngineEvent[] =>
  JSON.parse(readFileSync(join(__dirname, "recorded", `${name}.json`), "utf8")) as EngineEvent[];

const change = (
  op: string,
  type: string,
  name: string,
  { class: its = "update", properties = [], adds = [] }: Partial<ClassifiedChange> = {},
): ClassifiedChange => ({ op, type, name, class: its, properties, adds });

const metadata = (type: string, name: string, ...properties: string[]) =>
  change("update", type, name, { class: "metadata-only", properties });

const DYNAMO_TABLE = "aws:dynamodb/table:Table";
const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const BUCKET = "aws:s3/bucket:Bucket";
const KEY = "aws:kms/key:Key";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const LOG = "aws:cloudwatch/logGroup:LogGroup";
const PARAMETER = "aws:ssm/parameter:Parameter";
const PROVIDER = "pulumi:providers:aws";
const ROOT = "AWS:arn:aws:iam::000000000000:root";

describe("a real preview", () => {
  test("of nothing new is no change", () => {
    expect(classify(recorded("no-op"))).toEqual({ class: "none", changes: [], outputs: [], counts: { same: 13 } });
  });

  test("of other tags is metadata, also where a component is told the tags", () => {
    expect(classify(recorded("tags-only"))).toEqual({
      class: "metadata-only",
      changes: [
        metadata(ROLE, "job", "tags.Team", "tagsAll.Team"),
        metadata(BUCKET, "store", "tags.Team", "tagsAll.Team"),
      ],
      outputs: [],
      counts: { same: 10, update: 3 },
    });
  });

  test("of other default tags of the provider is metadata of everything that has tags", () => {
    expect(classify(recorded("provider-default-tags"))).toEqual({
      class: "metadata-only",
      changes: [
        metadata(LOG, "log", "tagsAll.Owner"),
        metadata(ALARM, "alarm", "tagsAll.Owner"),
        metadata(DYNAMO_TABLE, "records", "tagsAll.Owner"),
        metadata(ROLE, "job", "tagsAll.Owner"),
        metadata(KEY, "key", "tagsAll.Owner"),
        metadata(BUCKET, "store", "tagsAll.Owner"),
        metadata(PARAMETER, "parameter", "tagsAll.Owner"),
        metadata(PROVIDER, "main", "defaultTags"),
      ],
      outputs: [],
      counts: { same: 5, update: 8 },
    });
  });

  test("of other descriptions is metadata", () => {
    expect(classify(recorded("descriptions-only"))).toEqual({
      class: "metadata-only",
      changes: [
        metadata(ALARM, "alarm", "alarmDescription"),
        metadata(ROLE, "job", "description"),
        metadata(KEY, "key", "description"),
      ],
      outputs: [],
      counts: { same: 10, update: 3 },
    });
  });

  test("of another output is of outputs alone, although the engine counts nothing", () => {
    expect(classify(recorded("outputs-only"))).toEqual({
      class: "outputs-only",
      changes: [],
      outputs: ["greeting"],
      counts: { same: 13 },
    });
  });

  test("with a secret output cannot say that it stays the same", () => {
    expect(classify(recorded("secret-output"))).toEqual({
      class: "outputs-only",
      changes: [],
      outputs: ["password"],
      counts: { same: 13 },
    });
  });

  test("of another setting is an update", () => {
    expect(classify(recorded("update"))).toEqual({
      class: "update",
      changes: [change("update", LOG, "log", { properties: ["retentionInDays"] })],
      outputs: [],
      counts: { same: 12, update: 1 },
    });
  });

  test("of another secret names the property and nothing else", () => {
    expect(classify(recorded("update-of-a-secret"))).toEqual({
      class: "update",
      changes: [change("update", PARAMETER, "parameter", { properties: ["value"] })],
      outputs: [],
      counts: { same: 12, update: 1 },
    });
  });

  test("of a table's replacement is one change, which loses data", () => {
    expect(classify(recorded("replacement-of-stateful"))).toEqual({
      class: "replace-or-delete-of-stateful",
      changes: [
        change("replace", DYNAMO_TABLE, "records", {
          class: "replace-or-delete-of-stateful",
          properties: ["attributes[0].name", "hashKey"],
        }),
      ],
      outputs: [],
      counts: { replace: 1, same: 12 },
    });
  });

  test("of a table's deletion loses data", () => {
    expect(classify(recorded("delete-of-stateful"))).toEqual({
      class: "replace-or-delete-of-stateful",
      changes: [change("delete", DYNAMO_TABLE, "records", { class: "replace-or-delete-of-stateful" })],
      outputs: [],
      counts: { delete: 1, same: 12 },
    });
  });

  test("of an alarm's deletion is an update", () => {
    expect(classify(recorded("delete-of-stateless"))).toEqual({
      class: "update",
      changes: [change("delete", ALARM, "alarm")],
      outputs: [],
      counts: { delete: 1, same: 12 },
    });
  });

  test("of another region of the provider is an update", () => {
    expect(classify(recorded("provider-region"))).toEqual({
      class: "update",
      changes: [change("update", PROVIDER, "main", { properties: ["region"] })],
      outputs: [],
      counts: { same: 12, update: 1 },
    });
  });

  test("of another setting of the provider is an update, although the provider calls it the same", () => {
    expect(classify(recorded("provider-setting"))).toEqual({
      class: "update",
      changes: [change("same", PROVIDER, "main", { properties: ["skipRegionValidation"] })],
      outputs: [],
      counts: { same: 13 },
    });
  });

  test.each([
    [
      "an identity policy",
      "widened-identity-policy",
      change("update", ROLE_POLICY, "job-rights", {
        properties: ["policy"],
        adds: [{ principal: "trial-job", action: "s3:PutObject", resource: "arn:aws:s3:::trial-store/*" }],
      }),
    ],
    [
      "a trust policy",
      "widened-trust-policy",
      change("update", ROLE, "job", {
        properties: ["assumeRolePolicy"],
        adds: [{ principal: "Service:lambda.amazonaws.com", action: "sts:AssumeRole", resource: "job" }],
      }),
    ],
    [
      "a resource policy",
      "widened-resource-policy",
      change("update", "aws:s3/bucketPolicy:BucketPolicy", "store-policy", {
        properties: ["policy"],
        adds: [{ principal: ROOT, action: "s3:GetObject", resource: "arn:aws:s3:::trial-store/*" }],
      }),
    ],
    [
      "a key policy",
      "widened-key-policy",
      change("update", KEY, "key", {
        properties: ["policy"],
        adds: [{ principal: "AWS:arn:aws:iam::000000000000:role/other", action: "kms:Decrypt", resource: "*" }],
      }),
    ],
    [
      "a public access block",
      "loosened-public-access-block",
      change("update", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "store-closed", {
        properties: ["blockPublicPolicy"],
        adds: [{ principal: "*", action: "no longer denied: blockPublicPolicy", resource: "trial-store" }],
      }),
    ],
  ])("of %s that allows more names what is added", (_, name, expected) => {
    expect(classify(recorded(name))).toEqual({
      class: "widens-permissions",
      changes: [{ ...expected, class: "widens-permissions" }],
      outputs: [],
      counts: { same: 12, update: 1 },
    });
  });

  test("of a policy that only the update will know is a widening by anything", () => {
    expect(classify(recorded("unknown-policy"))).toEqual({
      class: "widens-permissions",
      changes: [
        change("update", ROLE_POLICY, "job-rights", {
          class: "widens-permissions",
          properties: ["policy"],
          adds: [{ principal: "trial-job", action: "unknown", resource: "unknown" }],
        }),
        change("create", BUCKET, "late"),
      ],
      outputs: [],
      counts: { create: 1, same: 12, update: 1 },
    });
  });

  test("of a role whose name is made up says the same in every preview", () => {
    expect(classify(recorded("unnamed-role"))).toEqual({
      class: "widens-permissions",
      changes: [
        change("create", ROLE, "unnamed", {
          class: "widens-permissions",
          adds: [{ principal: "Service:codebuild.amazonaws.com", action: "sts:AssumeRole", resource: "unnamed" }],
        }),
        change("create", ROLE_POLICY, "unnamed-rights", {
          class: "widens-permissions",
          adds: [
            {
              principal: "unnamed-(new)",
              action: "s3:GetObject",
              resource: "arn:aws:s3:::trial-store/current.json",
            },
          ],
        }),
      ],
      outputs: [],
      counts: { create: 2, same: 13 },
    });
  });

  test("of a first deployment creates everything and names every right", () => {
    const widens = (type: string, name: string, ...adds: ClassifiedChange["adds"]) =>
      change("create", type, name, { class: "widens-permissions", adds });
    expect(classify(recorded("first-deployment"))).toEqual({
      class: "widens-permissions",
      changes: [
        change("create", LOG, "log"),
        change("create", ALARM, "alarm"),
        change("create", DYNAMO_TABLE, "records"),
        widens(ROLE, "job", {
          principal: "Service:codebuild.amazonaws.com",
          action: "sts:AssumeRole",
          resource: "job",
        }),
        widens(ROLE_POLICY, "job-rights", {
          principal: "trial-job",
          action: "s3:GetObject",
          resource: "arn:aws:s3:::trial-store/current.json",
        }),
        widens(KEY, "key", { principal: ROOT, action: "kms:*", resource: "*" }),
        change("create", BUCKET, "store"),
        change("create", "aws:s3/bucketPolicy:BucketPolicy", "store-policy"),
        change("create", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "store-closed"),
        change("create", PARAMETER, "parameter"),
        change("create", PROVIDER, "main"),
        change("create", "trial:index:Parts", "parts"),
      ],
      outputs: ["constant", "greeting"],
      counts: { create: 13 },
    });
  });
});

describe("what the engine did not tell whole is unknown", () => {
  const update = step("update", LOG, { old: {}, new: {}, detailed: ["tags.a"] });

  test.each([
    ["no events at all", []],
    ["no summary", [update, outputs({}, {})]],
    ["an empty summary", [update, outputs({}, {}), summary({})]],
    ["no end of the program", [update, summary({ update: 1 })]],
    ["an operation that is counted and not told", [update, outputs({}, {}), summary({ update: 1, delete: 1 })]],
    ["more operations counted than told", [update, outputs({}, {}), summary({ update: 2 })]],
    ["the same operation told twice", [update, update, outputs({}, {}), summary({ update: 2 })]],
    ["a deletion of nobody knows what", preview(step("delete", LOG, { new: {} }))],
    ["a creation of nobody knows what", preview(step("create", LOG, { old: {} }))],
    ["an import of nobody knows what", preview(step("import", LOG))],
    ["an update from nobody knows what", preview(step("update", LOG, { new: {}, detailed: ["tags"] }))],
    ["an update to nobody knows what", preview(step("update", LOG, { old: {}, detailed: ["tags"] }))],
    ["a replacement by nobody knows what", preview(step("replace", LOG, { old: {} }))],
  ])("%s", (_, events) => {
    expect(classify(events).class).toBe("unknown");
  });

  test("and still shows what it told", () => {
    expect(classify([update, outputs({ a: 1 }, { a: 2 })])).toEqual({
      class: "unknown",
      changes: [metadata(LOG, "thing", "tags.a")],
      outputs: ["a"],
      counts: {},
    });
  });

  test("but what it told beyond the summary is no contradiction", () => {
    expect(classify([update, outputs({}, {}), summary({ same: 0 })]).class).toBe("metadata-only");
  });
});

describe("operations", () => {
  const of = (...steps: EngineEvent[]) => {
    const { class: overall, changes } = classify(preview(...steps));
    return [overall, ...changes.map(({ op, name }) => `${op} ${name}`)];
  };

  test("that change nothing are none", () => {
    expect(of(step("same", LOG, { old: { a: 1 }, new: { a: 2 } }), step("read", LOG))).toEqual(["none"]);
  });

  test("that nobody has listed are updates", () => {
    expect(of(step("remove-pending-replace", LOG))).toEqual(["update", "remove-pending-replace thing"]);
    expect(of(step("import", LOG, { new: {} }))).toEqual(["update", "import thing"]);
  });

  test("of one replacement are one change, by whichever way", () => {
    expect(
      of(
        step("delete-replaced", ALARM, { old: {} }),
        step("replace", ALARM, { old: {}, new: {}, diffs: ["name"] }),
        step("create-replacement", ALARM, { old: {}, new: {}, diffs: ["name"] }),
      ),
    ).toEqual(["update", "replace thing"]);
    expect(of(step("import-replacement", LOG, { old: {}, new: {} }))).toEqual([
      "replace-or-delete-of-stateful",
      "replace thing",
    ]);
  });

  test("on one resource that are no replacement stay apart, such as an update and the end of what was left behind", () => {
    expect(of(step("update", LOG, { old: {}, new: {}, diffs: ["tags"] }), step("delete", LOG, { old: {} }))).toEqual([
      "replace-or-delete-of-stateful",
      "delete thing",
      "update thing",
    ]);
  });

  test("are sorted by type, name and operation, whatever the engine's order", () => {
    const told = [
      step("update", LOG, { name: "a", old: {}, new: {} }),
      step("create", LOG, { name: "b", new: {} }),
      step("create", ALARM, { name: "c", new: {} }),
      step("delete", LOG, { name: "b", old: {} }),
    ];
    const sorted = ["update a", "create b", "delete b", "create c"];
    expect(of(...told).slice(1)).toEqual(sorted);
    expect(of(...told.reverse()).slice(1)).toEqual(sorted);
  });
});

describe("a component", () => {
  const of = (op: string) =>
    classify(preview(step(op, "our:thing", { custom: false, old: { a: 1 }, new: { a: 2 } }))).class;

  test("that changes is its children's matter", () => expect(of("update")).toBe("none"));

  test.each(["create", "delete", "replace"])("is recorded by an update and holds nothing: %s", (op) =>
    expect(of(op)).toBe("update"),
  );
});

describe("a provider", () => {
  const of = (op: string, old: object, next: object, diffs?: string[]) =>
    classify(preview(step(op, PROVIDER, { old: { ...old }, new: { ...next }, ...(diffs ? { diffs } : {}) }))).class;

  test("that says it is the same is believed as far as it can be seen", () => {
    expect(of("same", { region: "a", __defaults: [] }, { region: "a", __defaults: ["b"] })).toBe("none");
    expect(of("same", { region: "a", secretKey: MASKED }, { region: "a", secretKey: MASKED })).toBe("none");
    expect(of("same", { region: "a" }, { region: UNKNOWN_MARK })).toBe("update");
    expect(classify(preview(step("same", PROVIDER))).class).toBe("none");
    expect(of("same", { version: "7.48.0" }, { version: "7.49.0" })).toBe("update");
    expect(of("same", { defaultTags: "a" }, { defaultTags: "b" })).toBe("metadata-only");
  });

  test("holds nothing that would be lost", () => {
    expect(of("replace", {}, {}, ["region"])).toBe("update");
    expect(classify(preview(step("delete", PROVIDER, { old: {} }))).class).toBe("update");
  });

  test("has no metadata but its default tags", () => {
    expect(of("update", {}, {}, ["defaultTags"])).toBe("metadata-only");
    expect(of("update", {}, {}, ["defaultTags", "region"])).toBe("update");
    expect(of("update", {}, {}, ["description"])).toBe("update");
  });
});

describe("the class of everything together", () => {
  const lose = step("delete", LOG, { old: {} });
  const widen = step("create", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {
    new: { role: "r", policyArn: "p" },
  });

  test("is the highest, and one change may have two reasons", () => {
    expect(classify(preview(lose)).class).toBe("replace-or-delete-of-stateful");
    expect(classify(preview(lose, widen)).class).toBe("widens-permissions");
    const queue = step("replace", "aws:sqs/queue:Queue", {
      old: {},
      new: {
        policy: JSON.stringify({ Statement: { Effect: "Allow", Principal: "*", Action: "sqs:*", Resource: "q" } }),
      },
    });
    expect(classify(preview(queue)).changes).toMatchObject([{ class: "widens-permissions" }]);
  });

  test("counts outputs with an update as an update, and with metadata as outputs", () => {
    const tags = step("update", LOG, { old: {}, new: {}, diffs: ["tags"] });
    const other = [outputs({ a: 1 }, { a: 2 }), summary({ update: 1 })];
    expect(classify([tags, ...other]).class).toBe("outputs-only");
    expect(classify([step("update", LOG, { old: {}, new: {}, diffs: ["name"] }), ...other]).class).toBe("update");
  });

  test("asks no permissions of a change of metadata, where a document may be masked", () => {
    const role = { assumeRolePolicy: MASKED };
    const described = step("update", ROLE, { old: role, new: role, detailed: ["description"] });
    expect(classify(preview(described)).class).toBe("metadata-only");
    const longer = step("update", ROLE, { old: role, new: role, detailed: ["maxSessionDuration"] });
    expect(classify(preview(longer)).class).toBe("widens-permissions");
  });
});
