import { type Shape } from "./model";

/**
 * The constraints of a shape that a value breaks, each in the words that AWS's services answer with, e.g.
 * `Member must have length less than or equal to 100`.
 */
export function brokenConstraints(shape: Shape, value: unknown): string[] {
  switch (shape.type) {
    case "string":
      return typeof value === "string" ? brokenByString(shape, value) : [];
    case "integer":
    case "long":
    case "double":
    case "float":
      return typeof value === "number" ? brokenByRange(shape, value, "value") : [];
    case "list":
      return Array.isArray(value) ? brokenByRange(shape, value.length, "length") : [];
    case "map":
      return brokenByRange(shape, Object.keys(value as object).length, "length");
    case "structure":
    case "boolean":
    case "timestamp":
    case "blob":
      return [];
  }
}

function brokenByString(shape: Shape, value: string): string[] {
  // AWS counts characters, not UTF-16 units.
  const broken = brokenByRange(shape, [...value].length, "length");
  if (shape.pattern !== undefined && !matches(shape.pattern, value)) broken.push(patternConstraint(shape.pattern));
  if (shape.enum && !shape.enum.includes(value)) broken.push(enumConstraint(shape.enum));
  return broken;
}

function brokenByRange(shape: Shape, size: number, what: "length" | "value"): string[] {
  const broken: string[] = [];
  if (shape.max !== undefined && size > shape.max)
    broken.push(`Member must have ${what} less than or equal to ${shape.max}`);
  if (shape.min !== undefined && size < shape.min)
    broken.push(`Member must have ${what} greater than or equal to ${shape.min}`);
  return broken;
}

/** Every constraint of a string shape: AWS lists all of them when an element of a map or list breaks one. */
export function allConstraints(shape: Shape): string {
  const all: string[] = [];
  if (shape.max !== undefined) all.push(`Member must have length less than or equal to ${shape.max}`);
  if (shape.min !== undefined) all.push(`Member must have length greater than or equal to ${shape.min}`);
  if (shape.pattern !== undefined) all.push(patternConstraint(shape.pattern));
  if (shape.enum) all.push(enumConstraint(shape.enum));
  return `[${all.join(", ")}]`;
}

function patternConstraint(pattern: string): string {
  return `Member must satisfy regular expression pattern: ${pattern}`;
}

function enumConstraint(values: readonly string[]): string {
  return `Member must satisfy enum value set: [${values.join(", ")}]`;
}

const compiled = new Map<string, RegExp>();

/** Patterns are Java's and must match as a whole; `\p{…}` means in JavaScript what it means there only with the u flag. */
function matches(pattern: string, value: string): boolean {
  let regexp = compiled.get(pattern);
  if (!regexp) {
    regexp = new RegExp(`^(?:${pattern})$`, pattern.includes("\\p{") ? "u" : "");
    compiled.set(pattern, regexp);
  }
  return regexp.test(value);
}
