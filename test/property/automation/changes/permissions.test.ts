import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type PermissionTuple } from "../../../../automation/changes/domain";
import { covers, grantsOfDocument, widened } from "../../../../automation/changes/tuples";

interface Allow {
  readonly Effect: "Allow" | "Deny";
  readonly Principal: unknown;
  readonly Action?: string | string[];
  readonly NotAction?: string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

const ACTIONS = ["s3:GetObject", "s3:Get*", "s3:*", "kms:Decrypt", "kms:?ecrypt", "*"] as const;
const RESOURCES = ["arn:b/k", "arn:b/*", "arn:b/?", "*"] as const;
const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

/** A statement in any of the forms that IAM takes. */
function statements(effect: "Allow" | "Deny"): fc.Arbitrary<Allow> {
  const principal = fc.oneof(
    fc.constant("*"),
    some(["a", "b"]).map((AWS) => ({ AWS })),
    fc.constant({ Service: "c" }),
  );
  const condition = fc.option(fc.constantFrom({ Bool: { x: "true" } }, { ArnLike: { y: ["1", "2"] } }), {
    nil: undefined,
  });
  return fc
    .record({ principal, actions: some(ACTIONS), not: fc.boolean(), resources: some(RESOURCES), condition })
    .map(({ principal: Principal, actions, not, resources, condition: Condition }): Allow => ({
      Effect: effect,
      Principal,
      ...(not ? { NotAction: actions } : { Action: actions.length === 1 ? String(actions[0]) : actions }),
      Resource: resources.length === 1 ? String(resources[0]) : resources,
      ...(Condition === undefined ? {} : { Condition }),
    }));
}

const anyStatements = fc.array(fc.oneof(statements("Allow"), statements("Deny")), { maxLength: 4 });
const grants = (listed: readonly Allow[], asText = false) => {
  const document = { Version: "2012-10-17", Statement: listed };
  return grantsOfDocument(asText ? JSON.stringify(document) : document, { resource: "self" });
};

describe("a policy document", () => {
  it("does not widen what it was itself, in any order, as text or object", () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(anyStatements, fc.boolean(), (listed, asText) => {
        for (const { Effect, NotAction, Condition } of listed) {
          reached.add(`${Effect} ${NotAction === undefined ? "" : "not "}${Condition === undefined ? "" : "if"}`);
        }
        expect(widened(grants(listed, asText), grants([...listed].reverse(), !asText))).toEqual([]);
      }),
    );
    expect([...reached].sort()).toEqual(
      ["Allow", "Deny"].flatMap((effect) => ["", "if", "not ", "not if"].map((rest) => `${effect} ${rest}`)),
    );
  });

  it("does not widen when it allows less and denies more", () => {
    let dropped = 0;
    fc.assert(
      fc.property(
        fc.array(statements("Allow"), { maxLength: 4 }),
        fc.array(statements("Deny")),
        fc.nat(15),
        (allowed, denied, kept) => {
          const fewer = allowed.filter((_, index) => (kept >> index) % 2 === 1);
          dropped += allowed.length - fewer.length;
          expect(widened(grants(allowed), grants([...fewer, ...denied]))).toEqual([]);
        },
      ),
    );
    expect(dropped).toBeGreaterThan(0);
  });

  it("widens by a statement outside of everything old, whatever else goes, and names its tuple", () => {
    const outside = fc.record({
      action: fc.constantFrom("sqs:SendMessage", "sqs:*", "iam:Pass?ole"),
      resource: fc.constantFrom("arn:q", "arn:q/*", "*"),
      conditional: fc.boolean(),
    });
    const bounded = statements("Allow").filter(
      ({ Action, NotAction }) => NotAction === undefined && !includesAll(Action),
    );
    const reached = new Set<boolean>();
    fc.assert(
      fc.property(
        fc.array(bounded, { maxLength: 4 }),
        fc.nat(15),
        outside,
        (old, kept, { action, resource, conditional }) => {
          reached.add(conditional);
          const condition = { Bool: { x: "true" } };
          const added: Allow = {
            Effect: "Allow",
            Principal: { AWS: "a" },
            Action: action,
            Resource: resource,
            ...(conditional ? { Condition: condition } : {}),
          };
          const fewer = old.filter((_, index) => (kept >> index) % 2 === 1);
          expect(widened(grants(old), grants([...fewer, added]))).toEqual([
            { principal: "AWS:a", action, resource, ...(conditional ? { condition: JSON.stringify(condition) } : {}) },
          ]);
        },
      ),
    );
    expect(reached.size).toBe(2);
  });

  it("widens by every Deny that goes and that nothing covers", () => {
    fc.assert(
      fc.property(statements("Deny"), fc.array(statements("Allow"), { maxLength: 3 }), (denied, allowed) => {
        const freed = widened(grants([...allowed, denied]), grants(allowed)).map(({ action }) => action);
        expect(freed.length).toBeGreaterThan(0);
        expect(freed.every((action) => action.startsWith("no longer denied: "))).toBe(true);
      }),
    );
  });
});

const includesAll = (action: Allow["Action"]): boolean =>
  action === "*" || (Array.isArray(action) && action.includes("*"));

describe("covering", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "*", "?", "."), maxLength: 3 });
  const tuples = fc
    .record({ action: text, resource: text, condition: fc.option(fc.constantFrom("c", "d"), { nil: undefined }) })
    .map(({ action, resource, condition }): PermissionTuple => {
      return { principal: "AWS:p", action, resource, ...(condition === undefined ? {} : { condition }) };
    });
  const everything: PermissionTuple = { principal: "*", action: "*", resource: "*" };
  const on = (resource: string): PermissionTuple => ({ principal: "AWS:p", action: "a:b", resource });
  /** What is left of a pattern when its wildcards stand for something. */
  const filled = (pattern: string, star: string, one: string) => pattern.replaceAll("*", star).replaceAll("?", one);

  it("is reflexive, and everything is under all", () => {
    fc.assert(
      fc.property(tuples, (tuple) => {
        expect(covers(tuple, tuple)).toBe(true);
        expect(covers(everything, tuple)).toBe(true);
      }),
    );
  });

  it("takes whatever the wildcards of a pattern stand for, and what those of the rest stand for", () => {
    const one = fc.constantFrom("a", "?", ".");
    const reached = new Set<boolean>();
    fc.assert(
      fc.property(text, text, one, text, one, (wide, star, sign, again, last) => {
        const narrow = filled(wide, star, sign);
        const word = filled(narrow, again, last);
        reached.add(wide !== narrow && narrow !== word);
        expect([covers(on(wide), on(narrow)), covers(on(narrow), on(word)), covers(on(wide), on(word))]).toEqual([
          true,
          true,
          true,
        ]);
      }),
      { numRuns: 1000 },
    );
    expect(reached.size).toBe(2);
  });

  it("means that whatever a narrow pattern matches, the wide one matches too", () => {
    const words = fc.string({ unit: fc.constantFrom("a", "."), maxLength: 4 });
    let seen = 0;
    fc.assert(
      fc.property(text, text, words, (wide, narrow, word) => {
        if (wide === narrow || !covers(on(wide), on(narrow)) || !covers(on(narrow), on(word))) return;
        seen++;
        expect(covers(on(wide), on(word))).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(seen).toBeGreaterThan(50);
  });
});
