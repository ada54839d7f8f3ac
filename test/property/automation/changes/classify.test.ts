import { describe, expect, it } from "@jest/globals";
import { type EngineEvent } from "@pulumi/pulumi/automation";
import fc from "fast-check";
import { classify } from "../../../../automation/changes/classify";
import { CHANGE_CLASSES, highest } from "../../../../automation/changes/domain";
import { outputs, preview, step, type StepOptions } from "../../../unit/automation/support/previews";

const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const TYPES = [
  "aws:dynamodb/table:Table",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  ROLE_POLICY,
  "pulumi:providers:aws",
];
const OPS = ["same", "read", "create", "update", "replace", "delete"];

/** A step of a resource of its own, with the sides that its operation has. */
const steps = fc
  .record({
    op: fc.constantFrom(...OPS),
    type: fc.constantFrom(...TYPES),
    custom: fc.integer({ max: 4, min: 0 }).map((n) => n > 0),
    paths: fc.uniqueArray(fc.constantFrom("tags.a", "description", "policy", "defaultTags"), { maxLength: 2 }),
    actions: fc.tuple(fc.constantFrom("a:b", "a:*"), fc.constantFrom("a:b", "a:*")),
  })
  .map(({ op, type, custom, paths, actions: [before, after] }) => {
    const old = { role: "r", policy: policy(before) };
    const next = { role: "r", policy: policy(op === "same" ? before : after) };
    const sides: StepOptions = {
      ...(op === "create" ? {} : { old }),
      ...(op === "delete" ? {} : { new: next }),
    };
    return (name: string) => step(op, type, { name, custom, ...sides, detailed: paths });
  });

const policy = (action: string): string =>
  JSON.stringify({ Statement: { Effect: "Allow", Action: action, Resource: "*" } });

/** Rare otherwise, because anything else outweighs it. */
const retagged = fc.constantFrom(...TYPES.slice(0, 3)).map((type) => {
  return (name: string) => step("update", type, { name, old: {}, new: {}, detailed: ["tags.a"] });
});

const previews = fc
  .record({
    steps: fc.oneof(fc.array(steps, { maxLength: 6 }), fc.array(retagged, { maxLength: 3 })),
    output: fc.boolean(),
  })
  .map(({ steps: made, output }) => {
    const told = made.map((make, index) => make(`thing${index}`));
    return { told, ending: output ? outputs({ a: 1 }, { a: 2 }) : outputs({ a: 1 }, { a: 1 }) };
  });

const whole = (told: readonly EngineEvent[], ending: EngineEvent) => [...preview(...told), ending];

const rank = (one: string) => CHANGE_CLASSES.findIndex((known) => known === one);

describe("the class of a preview", () => {
  it("is the highest of its changes and outputs, in any order", () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(previews, ({ told, ending }) => {
        const found = classify(whole(told, ending));
        reached.add(found.class);
        const outer = found.outputs.length > 0 ? (["outputs-only"] as const) : [];
        expect(found.class).toBe(highest([...found.changes.map((change) => change.class), ...outer]));
        expect(classify(whole([...told].reverse(), ending))).toEqual(found);
      }),
      { numRuns: 500 },
    );
    expect([...reached].sort()).toEqual([...CHANGE_CLASSES].sort());
  });

  it("never falls when something is added, and is unknown as soon as something is missing", () => {
    let rose = 0;
    fc.assert(
      fc.property(previews, steps, ({ told, ending }, more) => {
        const before = rank(classify(whole(told, ending)).class);
        const events = whole([...told, more("another")], ending);
        const after = rank(classify(events).class);
        expect(after).toBeGreaterThanOrEqual(before);
        if (after > before) rose++;
        expect(classify(events.filter(({ summaryEvent }) => summaryEvent === undefined)).class).toBe("unknown");
        expect(classify(events.slice(1)).class).toBe("unknown");
      }),
      { numRuns: 300 },
    );
    expect(rose).toBeGreaterThan(0);
  });

  it("widens exactly where tuples are named, and calls nothing a change without a reason", () => {
    fc.assert(
      fc.property(previews, ({ told, ending }) => {
        for (const change of classify(whole(told, ending)).changes) {
          expect(change.class === "widens-permissions").toBe(change.adds.length > 0);
          expect(change.class).not.toBe("none");
          expect(change.class).not.toBe("outputs-only");
        }
      }),
      { numRuns: 300 },
    );
  });
});
