import { type StepEventMetadata } from "@pulumi/pulumi/automation";
import { describe, expect, test } from "@jest/globals";
import { madeUp, values } from "../../../../automation/changes/engineValues";
import { UNKNOWN } from "../../../../policy/values";
import { MASKED, step, UNKNOWN_MARK } from "../support/previews";

describe("values of the engine", () => {
  test("stay what they are, but for what is marked", () => {
    expect(
      values({
        text: "a",
        number: 1,
        flag: false,
        nothing: null,
        list: ["a", UNKNOWN_MARK],
        map: { a: "b", c: UNKNOWN_MARK },
        secret: MASKED,
        secrets: [{ password: MASKED }],
        asset: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash: "x" },
      }),
    ).toEqual({
      text: "a",
      number: 1,
      flag: false,
      nothing: null,
      list: ["a", UNKNOWN],
      map: { a: "b", c: UNKNOWN },
      secret: UNKNOWN,
      secrets: [{ password: UNKNOWN }],
      asset: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash: "x" },
    });
    expect(values(undefined)).toEqual({});
    expect(values(null)).toEqual({});
  });

  test.each([
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    "[secret]",
  ])("are unknown with %s in them", (mark) => {
    expect(values({ a: mark, b: `before ${mark} after` })).toEqual({ a: UNKNOWN, b: UNKNOWN });
  });

  test("show names as what they stand for", () => {
    const names = new Map([
      ["job-0123abc", "job-(new)"],
      ["store-0123abc", "store-(new)"],
    ]);
    expect(values({ a: "job-0123abc/store-0123abc/job-0123abc", b: [{ c: "job-0123abc" }] }, names)).toEqual({
      a: "job-(new)/store-(new)/job-(new)",
      b: [{ c: "job-(new)" }],
    });
  });
});

describe("names that were made up", () => {
  const told = (op: string, inputs: Record<string, unknown>): ReadonlyMap<string, string> => {
    const { resourcePreEvent } = step(op, "aws:iam/role:Role", { name: "job", new: inputs });
    return madeUp([resourcePreEvent?.metadata as StepEventMetadata]);
  };
  const inputs = { name: "job-0123abc", __defaults: ["name"] };

  test.each(["create", "create-replacement"])("are those of a new resource: %s", (op) => {
    expect([...told(op, inputs)]).toEqual([["job-0123abc", "job-(new)"]]);
  });

  test.each([
    ["of what is there already", "update", inputs],
    ["that the program gives", "create", { name: "job-0123abc" }],
    ["that are other defaults", "create", { name: "job", __defaults: ["name"] }],
    ["that are longer at the end", "create", { name: "job-0123abcd", __defaults: ["name"] }],
    ["that are no name of the resource", "create", { name: "my-job-0123abc", __defaults: ["name"] }],
    ["that are no text", "create", { name: { "job-": "0123abc" }, __defaults: ["name"] }],
  ])("are none %s", (_, op, given) => {
    expect([...told(op, given)]).toEqual([]);
  });

  test("are none where nothing new is told", () => {
    const { resourcePreEvent } = step("create", "aws:iam/role:Role");
    expect([...madeUp([resourcePreEvent?.metadata as StepEventMetadata])]).toEqual([]);
  });
});
