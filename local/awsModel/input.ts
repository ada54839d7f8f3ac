import { AwsError } from "../services/contract";
import { allConstraints, brokenConstraints } from "./constraints";
import { type Operation, type ServiceModel, type Shape } from "./model";

/**
 * A request's body, checked against the model of its operation. Null members are absent, as AWS reads them; timestamps
 * are Dates.
 *
 * AWS's services ignore members that they do not know. Here they are refused: a name that AWS would silently drop is a
 * mistake that a trial should find.
 * @throws AwsError `SerializationException` where a value has the wrong JSON type, `ValidationException` that names
 * every broken constraint with its path, in AWS's words.
 */
export function readInput(model: ServiceModel, operation: Operation, body: unknown): Record<string, unknown> {
  const reader = new InputReader(model);
  const input = operation.input
    ? reader.read(model.shape(operation.input), body ?? {}, "")
    : reader.read({ type: "structure", members: {} }, body ?? {}, "");
  const { problems } = reader;
  if (problems.length > 0) {
    const count = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
    throw new AwsError("ValidationException", `${count} detected: ${problems.join("; ")}`);
  }
  return input as Record<string, unknown>;
}

class InputReader {
  readonly problems: string[] = [];

  constructor(private readonly model: ServiceModel) {}

  read(shape: Shape, value: unknown, path: string): unknown {
    switch (shape.type) {
      case "structure":
        return this.structure(shape, expectObject(value, path), path);
      case "map":
        return this.map(shape, expectObject(value, path), path);
      case "list":
        return this.list(shape, value, path);
      case "string":
        return this.constrained(shape, expect("string", "String", value, path), path);
      case "boolean":
        return expect("boolean", "Boolean", value, path);
      case "integer":
      case "long":
        return this.constrained(shape, expectInteger(shape.type, value, path), path);
      case "double":
      case "float":
        return this.constrained(shape, expect("number", "Double", value, path), path);
      case "timestamp":
        return new Date(expect("number", "Timestamp", value, path) * 1000);
      case "blob":
        return Buffer.from(expect("string", "Blob", value, path), "base64");
    }
  }

  private structure(shape: Shape, value: Record<string, unknown>, path: string): Record<string, unknown> {
    const members = shape.members ?? {};
    const result: Record<string, unknown> = {};
    for (const name of shape.required ?? []) {
      if (value[name] === undefined || value[name] === null) {
        this.problem("null", join(path, name), "Member must not be null");
      }
    }
    for (const [name, element] of Object.entries(value)) {
      const ref = Object.hasOwn(members, name) ? members[name] : undefined;
      if (!ref) this.problem(undefined, join(path, name), "Member is not known to the service");
      else if (element !== null) result[name] = this.read(this.model.shape(ref), element, join(path, name));
    }
    return result;
  }

  private map(shape: Shape, value: Record<string, unknown>, path: string): Record<string, unknown> {
    const keys = this.element(shape.key);
    const values = this.element(shape.value);
    const entries = Object.entries(value).filter(([, element]) => element !== null);
    this.constrained(shape, Object.fromEntries(entries), path);
    if (entries.some(([key]) => brokenConstraints(keys, key).length > 0)) {
      this.problem(undefined, path, `Map keys must satisfy constraint: ${allConstraints(keys)}`);
    }
    if (values.type === "string" && entries.some(([, element]) => brokenConstraints(values, element).length > 0)) {
      this.problem(undefined, path, `Map value must satisfy constraint: ${allConstraints(values)}`);
    }
    const read = entries.map(([key, element]) => {
      const at = join(path, `${key}.member`);
      return [key, values.type === "string" ? expect("string", "String", element, at) : this.read(values, element, at)];
    });
    return Object.fromEntries(read) as Record<string, unknown>;
  }

  private list(shape: Shape, value: unknown, path: string): unknown[] {
    if (!Array.isArray(value)) throw serialization("Expected list or null", path);
    const member = this.element(shape.member);
    this.constrained(shape, value, path);
    if (member.type === "string" && value.some((element) => brokenConstraints(member, element).length > 0)) {
      this.problem(shown(member, value), path, `Member must satisfy constraint: ${allConstraints(member)}`);
    }
    return value.map((element: unknown, index) => {
      const at = join(path, `${index + 1}.member`);
      return member.type === "string" ? expect("string", "String", element, at) : this.read(member, element, at);
    });
  }

  private element(ref: { readonly shape: string } | undefined): Shape {
    return this.model.shape(ref ?? { shape: "(none)" });
  }

  private constrained<T>(shape: Shape, value: T, path: string): T {
    for (const constraint of brokenConstraints(shape, value)) this.problem(shown(shape, value), path, constraint);
    return value;
  }

  private problem(value: string | undefined, path: string, constraint: string): void {
    const subject = value === undefined ? "Value" : value === "null" ? "Value null" : `Value '${value}'`;
    this.problems.push(`${subject} at '${path}' failed to satisfy constraint: ${constraint}`);
  }
}

/** Undefined where AWS does not repeat the value: secrets, structures. */
function shown(shape: Shape, value: unknown): string | undefined {
  if (shape.sensitive) return undefined;
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value) && value.every((element) => typeof element === "string")) return `[${value.join(", ")}]`;
  return undefined;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

interface JsonTypes {
  string: string;
  number: number;
  boolean: boolean;
}

function expect<T extends keyof JsonTypes>(type: T, name: string, value: unknown, path: string): JsonTypes[T] {
  if (typeof value === type) return value as JsonTypes[T];
  throw serialization(`${tokenOf(value)} cannot be converted to ${name}`, path);
}

function expectInteger(type: "integer" | "long", value: unknown, path: string): number {
  const number = expect("number", type === "integer" ? "Integer" : "Long", value, path);
  if (!Number.isInteger(number)) throw serialization(`DECIMAL_VALUE cannot be converted to Integer`, path);
  return number;
}

function expectObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw serialization(`Start of structure or map expected, found ${tokenOf(value)}`, path);
}

function tokenOf(value: unknown): string {
  if (value === null) return "NULL_VALUE";
  if (Array.isArray(value)) return "START_ARRAY";
  if (typeof value === "string") return "STRING_VALUE";
  if (typeof value === "number") return "NUMBER_VALUE";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  return "START_OBJECT";
}

function serialization(what: string, path: string): AwsError {
  return new AwsError("SerializationException", path === "" ? what : `${what} (at '${path}')`);
}
