import { createHash } from "node:crypto";
import { type ChecksumManifest, type Step, type WordStatistics } from "./jobDescription";

/** What a step found out: goes into its line of the log as it is. */
export type Result = Readonly<Record<string, string | number | null>>;

export function runStep(step: Step): Result {
  switch (step.do) {
    case "word-statistics":
      return wordStatistics(step);
    case "checksum-manifest":
      return checksumManifest(step);
  }
}

/** A word is a run of letters, digits and inner apostrophes; upper and lower case are the same. */
function wordStatistics({ text }: WordStatistics): Result {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const [most] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return { words: words.length, distinct: counts.size, mostFrequent: most?.[0] ?? null, times: most?.[1] ?? 0 };
}

/** Lines are sorted by name, so that equal files give an equal digest whatever order they came in. */
function checksumManifest({ files }: ChecksumManifest): Result {
  const manifest = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => `${sha256(content)}  ${name}\n`)
    .join("");
  return { files: Object.keys(files).length, manifest, digest: sha256(manifest) };
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
