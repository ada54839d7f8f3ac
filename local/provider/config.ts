/** The provider's own configuration: from `aws:` config or `new aws.Provider`. */

import type { Mistake } from "./fields";
import { UNKNOWN, isDictionary, unwrap, type Properties, type Value } from "./values";

export interface ProviderConfig {
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
}

/** Checks that make sense on AWS alone are skipped here anyway, whatever these say. */
const IGNORED = [
  "version",
  "pluginDownloadURL",
  "skipCredentialsValidation",
  "skipMetadataApiCheck",
  "skipRegionValidation",
  "skipRequestingAccountId",
];
const KNOWN = ["region", "defaultTags", ...IGNORED];

/** Every key the local provider does not know, and `defaultTags` that are none. */
export function configMistakes(config: Properties): Mistake[] {
  const unknownKeys = Object.keys(config)
    .filter((key) => !KNOWN.includes(key) && !key.startsWith("__"))
    .map((key) => ({
      property: key,
      reason: `the local provider does not know the provider setting "${key}"; known: ${KNOWN.join(", ")}`,
    }));
  const given = structured(config["defaultTags"]);
  const odd =
    isDictionary(given) && Object.keys(given).every((key) => key === "tags")
      ? []
      : [{ property: "defaultTags", reason: `"defaultTags" must be an object with nothing but "tags"` }];
  return [...unknownKeys, ...odd];
}

/** @throws Error when no region is known. */
export function readConfig(config: Properties): ProviderConfig {
  const region = unwrap(config["region"] ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "");
  if (typeof region !== "string" || region === "" || region === UNKNOWN) {
    throw new Error('no region: set the config value "aws:region" or AWS_REGION');
  }
  const given = structured(config["defaultTags"]);
  const tags = isDictionary(given) && isDictionary(given["tags"]) ? given["tags"] : {};
  return { region, defaultTags: Object.fromEntries(Object.entries(tags).map(([key, v]) => [key, asText(v)])) };
}

/** Provider settings that are not strings arrive as JSON text. */
function structured(given: Value | undefined): Value {
  if (given === undefined || given === null) return {};
  const value = unwrap(given);
  if (value === UNKNOWN || value === "") return {};
  return typeof value === "string" ? (JSON.parse(value) as Value) : value;
}

function asText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
