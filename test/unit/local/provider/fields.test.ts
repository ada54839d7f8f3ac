import { describe, expect, test } from "@jest/globals";
import { differences, sameValue } from "../../../../local/provider/compare";
import {
  findMistakes,
  flag,
  json,
  list,
  map,
  number,
  object,
  policy,
  set,
  text,
  type Fields,
} from "../../../../local/provider/fields";
import { UNKNOWN, secret } from "../../../../local/provider/values";

const fields: Fields = {
  name: text({ required: true, replaces: true }),
  size: number({ default: 3 }),
  on: flag({ default: false }),
  labels: map(text()),
  rules: list(object({ id: text({ required: true }), days: number() })),
  names: set(text()),
  document: policy(),
  body: json(),
  given: text({ computed: true }),
};

describe("mistakes in inputs", () => {
  const reasons = (inputs: Parameters<typeof findMistakes>[1]): string[] =>
    findMistakes(fields, { name: "n", ...inputs }).map(({ property, reason }) => `${property}: ${reason}`);

  test("what fits has none, known or not", () => {
    const fitting = { size: 1, on: true, labels: { a: "b" }, rules: [{ id: "x" }], names: ["a"], body: "[1]" };
    expect(reasons(fitting)).toEqual([]);
    expect(reasons({ size: UNKNOWN, rules: UNKNOWN, document: `{"a":"${UNKNOWN}"}`, body: secret("{}") })).toEqual([]);
  });

  test("an unknown property is named, also inside others", () => {
    expect(findMistakes(fields, { name: "n", nmae: "x" })[0]?.property).toBe("nmae");
    expect(findMistakes(fields, { name: "n", rules: [{ id: "a" }, { id: "b", day: 1 }] })).toEqual([
      {
        property: "rules[1].day",
        reason: 'the local provider does not know the property "rules[1].day"; known here: id, days',
      },
    ]);
  });

  test("a missing required property is named, also inside others", () => {
    expect(findMistakes(fields, {})).toEqual([{ property: "name", reason: 'missing required property "name"' }]);
    expect(reasons({ rules: [{ days: 1 }] })).toEqual(['rules[0].id: missing required property "rules[0].id"']);
  });

  test("a value of the wrong kind is named with what was expected", () => {
    expect(reasons({ size: "1" })).toEqual(['size: "size" must be a number']);
    expect(reasons({ on: "yes" })).toEqual(['on: "on" must be true or false']);
    expect(reasons({ labels: { a: 1 } })).toEqual(['labels.a: "labels.a" must be a string']);
    expect(reasons({ labels: [] })).toEqual(['labels: "labels" must be a map']);
    expect(reasons({ rules: {} })).toEqual(['rules: "rules" must be a list']);
    expect(reasons({ rules: ["x"] })).toEqual(['rules[0]: "rules[0]" must be an object']);
    expect(reasons({ body: "no json" })).toEqual(['body: "body" must be a JSON document as a string']);
  });
});

describe("differences between inputs", () => {
  const changes = (olds: object, news: object): string[] =>
    differences(fields, { name: "n", ...olds }, { name: "n", ...news }).map(
      ({ kind, path, replaces }) => `${kind} ${path}${replaces ? " replaces" : ""}`,
    );

  test("a default said and a default left out are the same", () => {
    expect(changes({ size: 3 }, { on: false })).toEqual([]);
    expect(changes({}, { size: 4 })).toEqual(["update size"]);
  });

  test("paths lead to the part that changed", () => {
    expect(changes({ labels: { a: "1", b: "2" } }, { labels: { a: "1", b: "3", "c.d": "4" } })).toEqual([
      "update labels.b",
      'add labels["c.d"]',
    ]);
    expect(changes({ rules: [{ id: "a", days: 1 }] }, { rules: [{ id: "a" }, { id: "b" }] })).toEqual([
      "delete rules[0].days",
      "add rules[1]",
    ]);
  });

  test("a change of a replacing property replaces, also when it is not known yet", () => {
    expect(changes({ name: "a" }, { name: "b" })).toEqual(["update name replaces"]);
    expect(changes({ name: "a" }, { name: UNKNOWN })).toEqual(["update name replaces"]);
  });

  test("order in a set, layout of JSON and secrecy make no difference", () => {
    expect(changes({ names: ["a", "b"] }, { names: ["b", "a"] })).toEqual([]);
    expect(changes({ body: '{"a":1,"b":[2]}' }, { body: '{ "b": [2], "a": 1 }' })).toEqual([]);
    expect(changes({ labels: { a: "x" } }, { labels: { a: secret("x") } })).toEqual([]);
    expect(changes({ body: "[1,2]" }, { body: "[2,1]" })).toEqual(["update body"]);
  });

  test("a policy is compared as IAM reads it", () => {
    const one = JSON.stringify({ Statement: [{ Action: ["a", "b"], Resource: ["*"] }] });
    const same = JSON.stringify({ Statement: { Resource: "*", Action: ["b", "a"] } });
    const other = JSON.stringify({ Statement: { Resource: "*", Action: ["b", "c"] } });
    expect(changes({ document: one }, { document: same })).toEqual([]);
    expect(changes({ document: one }, { document: other })).toEqual(["update document"]);
  });

  test("nothing and an empty list or map are the same", () => {
    expect(changes({ rules: [], labels: {} }, {})).toEqual([]);
    expect(changes({}, { names: [] })).toEqual([]);
  });

  test("to stop saying what AWS sets by itself changes nothing, and what it set is no drift", () => {
    expect(changes({ given: "x" }, {})).toEqual([]);
    expect(changes({}, { given: "x" })).toEqual(["add given"]);
    expect(sameValue(text({ computed: true }), undefined, "by AWS")).toBe(true);
    expect(sameValue(text({ computed: true }), "mine", "by AWS")).toBe(false);
    expect(sameValue(text(), undefined, "by somebody")).toBe(false);
  });
});
