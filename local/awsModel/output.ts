import { type Operation, type ServiceModel, type Shape } from "./model";

/**
 * A response's body, shaped by the model of its operation: absent values are dropped, Dates become seconds since 1970
 * (with milliseconds as the fraction).
 * @throws Error that names the path of what does not fit the model, e.g. a member that the service does not have: that
 * is a bug of the local service, never an answer.
 */
export function writeOutput(model: ServiceModel, operation: Operation, output: unknown): Record<string, unknown> {
  const given = output ?? {};
  const path = operation.name;
  if (!operation.output) return structure(model, { type: "structure", members: {} }, given, path);
  return structure(model, model.shape(operation.output), given, path);
}

function write(model: ServiceModel, shape: Shape, value: unknown, path: string): unknown {
  switch (shape.type) {
    case "structure":
      return structure(model, shape, value, path);
    case "list": {
      if (!Array.isArray(value)) throw mismatch(path, "a list", value);
      const member = element(model, shape.member);
      return value.map((item: unknown, index) => write(model, member, item, `${path}[${index}]`));
    }
    case "map": {
      const member = element(model, shape.value);
      const entries = present(objectAt(path, value));
      return Object.fromEntries(entries.map(([key, item]) => [key, write(model, member, item, `${path}.${key}`)]));
    }
    case "string":
      if (typeof value !== "string") throw mismatch(path, "a string", value);
      if (shape.enum && !shape.enum.includes(value)) throw mismatch(path, `one of ${shape.enum.join(", ")}`, value);
      return value;
    case "integer":
    case "long":
      if (!Number.isInteger(value)) throw mismatch(path, "an integer", value);
      return value;
    case "double":
    case "float":
      if (typeof value !== "number") throw mismatch(path, "a number", value);
      return value;
    case "boolean":
      if (typeof value !== "boolean") throw mismatch(path, "a boolean", value);
      return value;
    case "timestamp":
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw mismatch(path, "a Date", value);
      return value.getTime() / 1000;
    case "blob":
      if (!(value instanceof Uint8Array)) throw mismatch(path, "bytes", value);
      return Buffer.from(value).toString("base64");
  }
}

function structure(model: ServiceModel, shape: Shape, value: unknown, path: string): Record<string, unknown> {
  const members = shape.members ?? {};
  const result: Record<string, unknown> = {};
  for (const [name, item] of present(objectAt(path, value))) {
    const ref = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!ref) throw new Error(`${path}.${name} is not in the service model.`);
    result[name] = write(model, model.shape(ref), item, `${path}.${name}`);
  }
  for (const name of shape.required ?? []) {
    if (!Object.hasOwn(result, name)) throw new Error(`${path}.${name} is required by the service model and missing.`);
  }
  return result;
}

function element(model: ServiceModel, ref: { readonly shape: string } | undefined): Shape {
  return model.shape(ref ?? { shape: "(none)" });
}

function objectAt(path: string, value: unknown): object {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
  if (!plain) throw mismatch(path, "an object", value);
  return value;
}

function present(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined && item !== null) as [string, unknown][];
}

function mismatch(path: string, wanted: string, got: unknown): Error {
  const shown = got instanceof Date ? "an invalid Date" : (JSON.stringify(got) ?? typeof got);
  return new Error(`${path} must be ${wanted} by the service model, and is ${shown.slice(0, 200)}.`);
}
