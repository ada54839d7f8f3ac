/** What IAM's resources share. */

export const gone = ["NoSuchEntity", "NoSuchEntityException"];

/** Documents and names are text by now; their declared types also allow objects and resources. */
export const asText = (given: unknown): string => (typeof given === "string" ? given : JSON.stringify(given));

/** IAM tells documents in URL encoding. */
export const decoded = (found: string | undefined): string | undefined =>
  found === undefined ? undefined : decodeURIComponent(found);
