/** `aws.iam.getPolicyDocument`: a policy document from its parts. */

import { createHash } from "node:crypto";
import { findMistakes, list, object, text, type Fields } from "./fields";
import { unwrap, type Properties, type Value } from "./values";

const principals = list(object({ type: text({ required: true }), identifiers: list(text(), { required: true }) }));
const FIELDS: Fields = {
  version: text(),
  policyId: text(),
  statements: list(
    object({
      sid: text(),
      effect: text(),
      actions: list(text()),
      notActions: list(text()),
      resources: list(text()),
      notResources: list(text()),
      principals,
      notPrincipals: principals,
      conditions: list(
        object({
          test: text({ required: true }),
          variable: text({ required: true }),
          values: list(text(), { required: true }),
        }),
      ),
    }),
  ),
};

interface Principal {
  readonly type: string;
  readonly identifiers: readonly string[];
}

interface Statement {
  readonly sid?: string;
  readonly effect?: string;
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly principals?: readonly Principal[];
  readonly notPrincipals?: readonly Principal[];
  readonly conditions?: readonly {
    readonly test: string;
    readonly variable: string;
    readonly values: readonly string[];
  }[];
}

/** @throws Error that names an argument that is not served. */
export function policyDocument(args: Properties): Properties {
  const [mistake] = findMistakes(FIELDS, args);
  if (mistake !== undefined) throw new Error(`getPolicyDocument: ${mistake.reason}`);
  const { version, policyId, statements } = unwrap(args) as unknown as {
    version?: string;
    policyId?: string;
    statements?: readonly Statement[];
  };
  const document = { Version: version ?? "2012-10-17", Id: policyId, Statement: (statements ?? []).map(render) };
  const id = createHash("sha256").update(JSON.stringify(document)).digest("hex").slice(0, 10);
  return { ...args, id, json: JSON.stringify(document, null, 2), minifiedJson: JSON.stringify(document) };
}

function render(statement: Statement): Record<string, unknown> {
  return {
    Sid: statement.sid,
    Effect: statement.effect ?? "Allow",
    Action: single(statement.actions),
    NotAction: single(statement.notActions),
    Resource: single(statement.resources),
    NotResource: single(statement.notResources),
    Principal: renderPrincipals(statement.principals),
    NotPrincipal: renderPrincipals(statement.notPrincipals),
    Condition: renderConditions(statement.conditions),
  };
}

function single(names: readonly string[] | undefined): unknown {
  if (names === undefined || names.length === 0) return undefined;
  return names.length === 1 ? names[0] : [...names].sort();
}

function renderPrincipals(given: readonly Principal[] | undefined): unknown {
  if (given === undefined || given.length === 0) return undefined;
  if (given.length === 1 && given[0]?.type === "*") return "*";
  const types = [...new Set(given.map(({ type }) => type))];
  const identifiers = (type: string): readonly string[] =>
    given.filter((each) => each.type === type).flatMap((each) => each.identifiers);
  return Object.fromEntries(types.map((type) => [type, single(identifiers(type))]));
}

function renderConditions(given: Statement["conditions"]): unknown {
  if (given === undefined || given.length === 0) return undefined;
  const tests = [...new Set(given.map(({ test }) => test))];
  return Object.fromEntries(
    tests.map((test) => [
      test,
      Object.fromEntries(
        given
          .filter((each) => each.test === test)
          .map(({ variable, values }): [string, Value] => [variable, single(values) as Value]),
      ),
    ]),
  );
}
