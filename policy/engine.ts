/** What the engine hands to a policy, as the rules take it. */
import { type PolicyResource } from "@pulumi/policy";
import { type Declared } from "./program";
import { UNKNOWN } from "./values";

/** Reading an unknown property throws, deep inside as well: whatever cannot be read becomes `UNKNOWN`. */
export function declaredBy(resource: PolicyResource): Declared {
  const { urn, type, name, parent, propertyDependencies } = resource;
  return {
    urn,
    type,
    name,
    props: read(resource.props) as Record<string, unknown>,
    dependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([property, from]) => [property, from.map((other) => other.urn)]),
    ),
    ...(parent === undefined ? {} : { parent: parent.urn }),
  };
}

function read(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => readAt(value, index));
  return Object.fromEntries(Object.keys(value).map((key) => [key, readAt(value, key)]));
}

function readAt(holder: object, key: PropertyKey): unknown {
  let value: unknown;
  try {
    value = Reflect.get(holder, key);
  } catch (error) {
    // The class that is thrown is internal to @pulumi/policy; this is what it says.
    if (error instanceof Error && error.message.includes("can't be known during preview")) return UNKNOWN;
    throw error;
  }
  return read(value);
}
