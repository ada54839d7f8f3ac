import { describe, expect, test } from "@jest/globals";
import {
  UNKNOWN,
  canonical,
  fromStruct,
  holdsSecret,
  holdsUnknown,
  isSecret,
  present,
  secret,
  toStruct,
  unwrap,
} from "../../../../local/provider/values";

describe("values of the engine", () => {
  test("a secret is unwrapped at any depth and wrapped only once", () => {
    const inner = secret("hush");
    expect(unwrap({ a: [inner, 1], b: secret({ c: inner }) })).toEqual({ a: ["hush", 1], b: { c: "hush" } });
    expect(secret(inner)).toBe(inner);
    expect(isSecret(inner)).toBe(true);
    expect(isSecret({ value: "hush" })).toBe(false);
  });

  test("secrets and unknowns are found at any depth", () => {
    expect(holdsSecret({ a: [{ b: secret(1) }] })).toBe(true);
    expect(holdsSecret({ a: ["plain"] })).toBe(false);
    expect(holdsUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(holdsUnknown(["known"])).toBe(false);
    expect(holdsUnknown(undefined)).toBe(false);
  });

  test("a struct keeps everything but undefined", () => {
    const properties = { text: "t", list: [1, null, true], nested: { secret: secret("s") } };
    expect(fromStruct(toStruct({ ...properties, gone: undefined }))).toEqual(properties);
    expect(fromStruct(undefined)).toEqual({});
  });

  test("canonical text does not depend on the order of keys", () => {
    expect(canonical({ b: 1, a: { d: 1, c: 2 } })).toBe(canonical({ a: { c: 2, d: 1 }, b: 1 }));
    expect(canonical(["a", "b"])).not.toBe(canonical(["b", "a"]));
  });

  test("what AWS does not say is left out", () => {
    expect(present({ a: undefined, b: null, c: 0, d: "", e: [] })).toEqual({ c: 0, d: "", e: [] });
  });
});
