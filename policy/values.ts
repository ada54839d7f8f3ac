/** Stands for a value that only the update will know, wherever it is: a whole property, or a leaf of one. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** Whether a value is unknown itself, or anything in it is. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}
