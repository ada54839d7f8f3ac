/** Pages of lists, newest first, by opaque tokens that say where the next page begins. */
import { AwsError } from "../services/contract";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * The next `limit` items from a sequence. Each item has a position; positions fall, and those of older items never
 * change, so that what happens between two pages moves nothing.
 */
export function page<T>(
  items: Iterable<{ readonly position: readonly [number, number]; readonly item: T }>,
  limit: number,
): Page<T> {
  const found: T[] = [];
  for (const { position, item } of items) {
    if (found.length === limit) return { items: found, nextToken: encodeToken(position) };
    found.push(item);
  }
  return { items: found };
}

/** @throws AwsError InvalidNextTokenException for what `page` did not make. */
export function decodeToken(token: string | undefined): readonly [number, number] | undefined {
  if (token === undefined) return undefined;
  const match = /^from:(\d{1,15}):(\d{1,15})$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (match === null) throw new AwsError("InvalidNextTokenException", "The next token is not valid.");
  return [Number(match[1]), Number(match[2])];
}

function encodeToken(position: readonly [number, number]): string {
  return Buffer.from(`from:${position.join(":")}`, "utf8").toString("base64url");
}
