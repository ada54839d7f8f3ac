import { isOpen } from "./actions";
import { UNKNOWN } from "./values";

/** Operators that hold for the values that are listed, and for no others. */
const OPERATOR =
  /^(?:for(?:anyvalue|allvalues):)?(?:string(?:equals(?:ignorecase)?|like)|arn(?:equals|like))(?:ifexists)?$/;

/** Those that hold as well where the key is absent. */
const HOLDS_WHEN_ABSENT = /^forallvalues:|ifexists$/;

export interface Narrowing {
  /** In lower case, as IAM compares keys. */
  readonly keys: RegExp;
  /** Whether an operator will do that also holds where the key is absent. */
  readonly mayBeAbsent: boolean;
}

/** Whether a condition holds for named values of one of the keys alone; an unknown value is a name of the update's. */
export function narrowedTo(condition: unknown, { keys, mayBeAbsent }: Narrowing): boolean {
  return entries(condition).some(([operator, tests]) => {
    const name = operator.toLowerCase();
    if (!OPERATOR.test(name) || (!mayBeAbsent && HOLDS_WHEN_ABSENT.test(name))) return false;
    return entries(tests).some(([key, values]) => keys.test(key.toLowerCase()) && areNames(values));
  });
}

function areNames(values: unknown): boolean {
  const listed: readonly unknown[] = Array.isArray(values) ? values : [values];
  return listed.length > 0 && listed.every(isName);
}

/** Whether it is one account, organization or resource: neither everything nor, of an ARN, everybody's account. */
export function isName(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "string" || value === "" || isOpen(value)) return false;
  const [scheme, , , , account = "*"] = value.split(":");
  return scheme !== "arn" || !isOpen(account);
}

const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];
