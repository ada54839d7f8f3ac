import { AwsError } from "../services/contract";

/** Items in one answer of a list operation. */
const PAGE = 100;

/** One page of a list; the token is the position of the next. */
export function page<T>(
  all: readonly T[],
  token: string | undefined,
  size = PAGE,
): { items: T[]; nextToken: { nextToken?: string } } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) throw new AwsError("InvalidInputException", `Invalid nextToken: ${token}`);
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? { nextToken: String(end) } : {} };
}
