/** Ids derived from an event's seed, so that the engine itself needs no randomness. */
import { createHash } from "node:crypto";

/** A UUID (version 4 form) that only the holder of the seed can compute. */
export function uuidFrom(seed: string, purpose: string): string {
  const hex = createHash("sha256").update(`${seed}\n${purpose}`).digest("hex");
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The key of an artifact: AWS cuts pipeline and artifact names to 20 characters and adds a random name. */
export function artifactKey(pipeline: string, artifact: string, actionId: string): string {
  const name = createHash("sha256").update(`${actionId}\n${artifact}`).digest("base64url").replace(/[-_]/g, "x");
  return `${pipeline.slice(0, 20)}/${artifact.slice(0, 20)}/${name.slice(0, 7)}.zip`;
}
