import { describe, expect, test } from "@jest/globals";
import { programOf } from "../../../policy/examples";
import { type Example } from "../../../policy/rule";
import { UNKNOWN, hasUnknown } from "../../../policy/values";

const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const KEY = "aws:kms/key:Key";

const bucket = (name: string, props: Example["props"] = {}): Example => ({ type: BUCKET, name, props });
const policy = (name: string, of: unknown, uses: readonly string[] = []): Example => ({
  type: POLICY,
  name,
  props: { bucket: of },
  uses: { bucket: uses },
});

/** Names of what is set for the bucket "a". */
function companions(...examples: Example[]): string[] {
  const program = programOf(examples);
  const [subject] = program.ofType(BUCKET).filter(({ name }) => name === "a");
  if (subject === undefined) throw new Error("no bucket a");
  return program.companions(subject, POLICY, "bucket").map(({ name }) => name);
}

describe("the companions of a resource", () => {
  test("are made from it, while nobody knows its name", () => {
    expect(
      companions(bucket("a"), bucket("b"), policy("of-a", UNKNOWN, ["a"]), policy("of-b", UNKNOWN, ["b"])),
    ).toEqual(["of-a"]);
  });

  test("are made from it, although they have another's name by now", () => {
    expect(companions(bucket("a", { bucket: "x" }), bucket("b", { bucket: "y" }), policy("of-b", "x", ["b"]))).toEqual(
      [],
    );
    expect(companions(bucket("a", { bucket: "x" }), policy("of-a", "old", ["a"]))).toEqual(["of-a"]);
  });

  test.each(["id", "arn", "bucket", "name", "url"])("have its %s where nothing is made from it", (property) => {
    expect(companions(bucket("a", { [property]: "x" }), policy("same", "x"), policy("other", "y"))).toEqual(["same"]);
  });

  test("may be made from something of another type, and then have its name", () => {
    const name: Example = { type: KEY, name: "key", props: {} };
    expect(companions(name, bucket("a", { bucket: "x" }), policy("of-a", "x", ["key"]))).toEqual(["of-a"]);
  });

  test("are none where neither is known, or where both are empty", () => {
    expect(companions(bucket("a", { bucket: UNKNOWN }), policy("unknown", UNKNOWN))).toEqual([]);
    expect(companions(bucket("a", { bucket: "" }), policy("empty", ""), policy("none", undefined))).toEqual([]);
  });

  test("are of the type that is asked for", () => {
    expect(companions(bucket("a"), { ...policy("versioning", UNKNOWN, ["a"]), type: "aws:s3/other:Other" })).toEqual(
      [],
    );
  });
});

describe("a program", () => {
  const program = programOf([
    { type: KEY, name: "key", props: {} },
    bucket("a"),
    { type: "aws:sns/topic:Topic", name: "topic", props: {}, uses: { kmsMasterKeyId: ["key"] }, parent: "a" },
  ]);
  const [key, a, topic] = program.resources;

  test("finds resources of several types, in its own order", () => {
    expect(program.ofType("aws:sns/topic:Topic", KEY).map(({ name }) => name)).toEqual(["key", "topic"]);
    expect(program.ofType("aws:kms/alias:Alias")).toEqual([]);
  });

  test("finds a resource by its URN, and nothing by none", () => {
    expect(program.get(topic?.parent)).toBe(a);
    expect(program.get(undefined)).toBeUndefined();
    expect(program.get("urn:of:nothing")).toBeUndefined();
  });

  test("knows what a property is made from", () => {
    if (key === undefined || topic === undefined) throw new Error("nothing is declared");
    expect(program.madeFrom(topic, "kmsMasterKeyId", [KEY])).toBe(true);
    expect(program.madeFrom(topic, "kmsMasterKeyId", [BUCKET])).toBe(false);
    expect(program.madeFrom(topic, "name", [KEY])).toBe(false);
    const elsewhere = { ...topic, dependencies: { kmsMasterKeyId: ["urn:of:nothing"] } };
    expect(program.madeFrom(elsewhere, "kmsMasterKeyId", [KEY])).toBe(false);
  });

  test("of examples refuses one that uses what it does not declare", () => {
    expect(() => programOf([policy("of-a", UNKNOWN, ["a"])])).toThrow("the example uses a, which it does not declare");
  });
});

describe("a value", () => {
  test.each([
    ["the value itself", UNKNOWN, true],
    ["a leaf deep in it", { a: [{ b: UNKNOWN }] }, true],
    ["nothing in it", { a: [{ b: "c" }], d: null, e: undefined }, false],
    ["a text", "UNKNOWN", false],
  ])("with %s unknown", (_, value, unknown) => {
    expect(hasUnknown(value)).toBe(unknown);
  });
});
