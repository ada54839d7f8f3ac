import { describe, expect, test } from "@jest/globals";
import { type PermissionTuple } from "../../../../automation/changes/domain";
import {
  conditionText,
  covers,
  grantsOfDocument,
  NOTHING,
  together,
  unreadable,
  widened,
} from "../../../../automation/changes/tuples";
import { UNKNOWN } from "../../../../policy/values";

const base: PermissionTuple = { principal: "AWS:a", action: "s3:GetObject", resource: "arn:aws:s3:::b/k" };
const but = (change: Partial<PermissionTuple>): PermissionTuple => ({ ...base, ...change });

const document = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });
const of = (...statements: object[]) => grantsOfDocument(document(...statements), { resource: "self" });

describe("a tuple covers another", () => {
  test.each<[string, Partial<PermissionTuple>, Partial<PermissionTuple>]>([
    ["the same", {}, {}],
    ["an action under a wildcard", { action: "s3:*" }, {}],
    ["a wildcard under a wider one", { action: "s3:*" }, { action: "s3:Get*" }],
    ["any action under all", { action: "*" }, { action: "kms:Decrypt" }],
    ["an action in other letters", { action: "S3:getobject" }, { action: "s3:GetObject" }],
    ["one character under a question mark", { action: "s3:GetObjec?" }, {}],
    ["a question mark under a question mark", { action: "s3:GetObjec?" }, { action: "s3:GetObjec?" }],
    ["a question mark under a star", { action: "s3:Get*" }, { action: "s3:Get?bject" }],
    ["a resource under a wildcard", { resource: "arn:aws:s3:::b/*" }, {}],
    ["a resource with a line's end", { resource: "arn:aws:s3:::b/*" }, { resource: "arn:aws:s3:::b/\n" }],
    ["nothing at the place of a star", { resource: "arn:aws:s3:::b/k*" }, {}],
    ["any resource under all", { resource: "*" }, { resource: "unknown" }],
    ["all but some under all", { action: "*", resource: "*" }, { action: "not(a:b)", resource: "not(c)" }],
    ["the same exception", { action: "not(s3:*)" }, { action: "not(s3:*)" }],
    ["a user or role under everybody", { principal: "*" }, {}],
    ["a condition under none", {}, { condition: "{}" }],
    ["an unknown condition under none", {}, { condition: "unknown" }],
    ["the same condition", { condition: "c" }, { condition: "c" }],
  ])("%s", (_, wide, narrow) => expect(covers(but(wide), but(narrow))).toBe(true));

  test.each<[string, Partial<PermissionTuple>, Partial<PermissionTuple>]>([
    ["another action", {}, { action: "s3:PutObject" }],
    ["a wildcard under an action", {}, { action: "s3:*" }],
    ["a star under a question mark", { action: "s3:GetObjec?" }, { action: "s3:GetObjec*" }],
    ["two characters under a question mark", { action: "s3:GetObje?" }, {}],
    ["a longer action", { action: "s3:GetObject" }, { action: "s3:GetObjectAcl" }],
    ["a longer beginning", { action: "s3:GetObject" }, { action: "xs3:GetObject" }],
    ["another resource", {}, { resource: "arn:aws:s3:::b/x" }],
    ["a resource in other letters", { resource: "arn:aws:s3:::b/*" }, { resource: "ARN:aws:s3:::b/k" }],
    ["a sign that patterns know", { resource: "a.c" }, { resource: "abc" }],
    ["more signs that patterns know", { resource: "a+b" }, { resource: "aab" }],
    ["an exception under a pattern that looks like it", { resource: "n*" }, { resource: "not(c)" }],
    ["a smaller exception under a greater", { action: "not(s3:*)" }, { action: "not(s3:GetObject)" }],
    ["something under an exception", { action: "not(s3:*)" }, { action: "kms:Decrypt" }],
    ["an unknown action", { action: "unknown" }, { action: "unknown" }],
    ["an unknown action under a pattern that looks like it", { action: "un*" }, { action: "unknown" }],
    ["an unknown resource", { resource: "unknown" }, { resource: "unknown" }],
    ["an unknown resource under a pattern", { resource: "*n" }, { resource: "unknown" }],
    ["another principal", {}, { principal: "AWS:b" }],
    ["everybody under one", {}, { principal: "*" }],
    ["a service under everybody", { principal: "*" }, { principal: "Service:s3.amazonaws.com" }],
    ["an unknown principal under everybody", { principal: "*" }, { principal: "unknown" }],
    ["an unknown principal", { principal: "unknown" }, { principal: "unknown" }],
    ["no wildcard in a principal", { principal: "AWS:*" }, { principal: "AWS:a" }],
    ["none under a condition", { condition: "c" }, {}],
    ["another condition", { condition: "c" }, { condition: "d" }],
    ["an unknown condition", { condition: "unknown" }, { condition: "unknown" }],
  ])("not: %s", (_, wide, narrow) => expect(covers(but(wide), but(narrow))).toBe(false));
});

describe("the tuples of a document", () => {
  test("are every combination, by effect", () => {
    expect(
      of(
        { Effect: "Allow", Principal: { AWS: ["a", "b"] }, Action: ["c:d", "c:e"], Resource: "r" },
        { Effect: "Deny", Principal: "*", Action: "c:*", Resource: ["r", "s"], Condition: { Bool: { x: "true" } } },
      ),
    ).toEqual({
      allows: [
        { principal: "AWS:a", action: "c:d", resource: "r" },
        { principal: "AWS:a", action: "c:e", resource: "r" },
        { principal: "AWS:b", action: "c:d", resource: "r" },
        { principal: "AWS:b", action: "c:e", resource: "r" },
      ],
      denies: [
        { principal: "*", action: "c:*", resource: "r", condition: '{"Bool":{"x":"true"}}' },
        { principal: "*", action: "c:*", resource: "s", condition: '{"Bool":{"x":"true"}}' },
      ],
    });
  });

  test("name exceptions as one word, sorted", () => {
    expect(
      of({ Effect: "Deny", NotPrincipal: { AWS: ["b", "a"] }, NotAction: ["c:e", "c:d"], NotResource: "r" }).denies,
    ).toEqual([{ principal: "not(AWS:a, AWS:b)", action: "not(c:d, c:e)", resource: "not(r)" }]);
  });

  test("name the holder where statements name nobody, and his thing where they name none", () => {
    const statement = { Effect: "Allow", Action: "c:d", Resource: "r" };
    expect(grantsOfDocument(document(statement), { principal: "me", resource: "*" }).allows).toEqual([
      { principal: "me", action: "c:d", resource: "r" },
    ]);
    expect(of({ Effect: "Allow", Principal: { Service: "s" }, Action: "sts:AssumeRole" }).allows).toEqual([
      { principal: "Service:s", action: "sts:AssumeRole", resource: "self" },
    ]);
    expect(of({ Effect: "Allow", Action: "c:d" }).allows).toEqual([
      { principal: "unknown", action: "c:d", resource: "self" },
    ]);
  });

  test("say what is unknown in them", () => {
    expect(
      of({ Effect: "Allow", Principal: UNKNOWN, Action: "c:d", Resource: ["r", UNKNOWN], Condition: { a: UNKNOWN } })
        .allows,
    ).toEqual([
      { principal: "unknown", action: "c:d", resource: "r", condition: "unknown" },
      { principal: "unknown", action: "c:d", resource: "unknown", condition: "unknown" },
    ]);
    expect(of({ Effect: "Allow", Principal: "*", Action: "c:d", NotResource: ["r", UNKNOWN] }).allows).toEqual([
      { principal: "*", action: "c:d", resource: "unknown" },
    ]);
  });

  test.each([undefined, null, ""])("are none of no document: %p", (nothing) => {
    expect(grantsOfDocument(nothing, { resource: "self" })).toEqual(NOTHING);
  });

  test.each([UNKNOWN, "no JSON", { Statement: UNKNOWN }, 1])("are anything where it cannot be read: %p", (value) => {
    const anything = { principal: "unknown", action: "unknown", resource: "unknown" };
    expect(grantsOfDocument(value, { resource: "self" })).toEqual({ allows: [anything], denies: [anything] });
    expect(grantsOfDocument(value, { principal: "me", resource: "*" })).toEqual(unreadable("me"));
    expect(unreadable("me").allows).toEqual([{ ...anything, principal: "me" }]);
  });
});

describe("a condition", () => {
  test("has one text for one meaning", () => {
    const texts = [
      { B: { z: "1", y: ["2", "1"] }, A: { x: ["3"] } },
      { A: { x: "3" }, B: { y: ["1", "2"], z: ["1"] } },
    ].map(conditionText);
    expect(texts[0]).toBe('{"A":{"x":"3"},"B":{"y":["1","2"],"z":"1"}}');
    expect(texts[1]).toBe(texts[0]);
  });

  test("keeps what is no text", () => {
    expect(conditionText({ Bool: { a: true, b: null, c: 1 } })).toBe('{"Bool":{"a":true,"b":null,"c":1}}');
  });

  test.each([undefined, null, {}])("that says nothing is none: %p", (nothing) => {
    expect(conditionText(nothing)).toBeUndefined();
  });

  test("with something unknown is unknown", () => {
    expect(conditionText(UNKNOWN)).toBe("unknown");
    expect(conditionText({ A: { x: ["a", UNKNOWN] } })).toBe("unknown");
  });
});

describe("what is widened", () => {
  const allow = (action: string, resource = "r") => ({
    Effect: "Allow",
    Principal: { AWS: "a" },
    Action: action,
    Resource: resource,
  });
  const deny = (action: string, resource = "r") => ({ ...allow(action, resource), Effect: "Deny" });
  const tuple = (action: string, resource = "r"): PermissionTuple => ({ principal: "AWS:a", action, resource });

  test("is what is newly allowed, sorted, each once", () => {
    expect(widened(of(allow("c:d")), of(allow("c:f"), allow("c:d"), allow("c:e"), allow("c:f")))).toEqual([
      tuple("c:e"),
      tuple("c:f"),
    ]);
  });

  test("is not what anything old covers, or what is allowed no longer", () => {
    expect(widened(of(allow("x:y"), allow("c:*", "*")), of(allow("c:d")))).toEqual([]);
  });

  test("is what is denied no longer, or less", () => {
    expect(widened(of(deny("c:*")), NOTHING)).toEqual([tuple("no longer denied: c:*")]);
    expect(widened(of(deny("c:*")), of(deny("c:d")))).toEqual([tuple("no longer denied: c:*")]);
    expect(widened(of(deny("c:*")), of(allow("c:*")))).toEqual([tuple("c:*"), tuple("no longer denied: c:*")]);
  });

  test("is not what is denied more", () => {
    expect(widened(of(deny("c:d")), of(deny("x:y"), deny("c:*", "*")))).toEqual([]);
    expect(widened(NOTHING, of(deny("c:d")))).toEqual([]);
  });

  test("is anything where one side cannot be read", () => {
    expect(widened(of(allow("*", "*")), unreadable("b"))).toEqual(unreadable("b").allows);
    expect(widened(unreadable("b"), of(allow("c:d")))).toEqual([
      tuple("c:d"),
      { principal: "b", action: "no longer denied: unknown", resource: "unknown" },
    ]);
    expect(widened(unreadable("b"), unreadable("b"))).toEqual([
      { principal: "b", action: "no longer denied: unknown", resource: "unknown" },
      { principal: "b", action: "unknown", resource: "unknown" },
    ]);
  });

  test("is nothing where the holder could do everything, and still can", () => {
    const everything = { allows: [{ principal: "b", action: "*", resource: "*" }], denies: [] };
    expect(widened(everything, { allows: unreadable("b").allows, denies: [] })).toEqual([]);
  });

  test("counts several sources as one", () => {
    const two = together([of(allow("c:d")), of(deny("c:e"))]);
    expect(two).toEqual({ allows: [tuple("c:d")], denies: [tuple("c:e")] });
    expect(widened(two, two)).toEqual([]);
  });
});
