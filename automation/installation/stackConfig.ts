import { parse, stringify } from "yaml";
import { Problem } from "../problem";

/** The parts of a stack's config file (`Pulumi.{stack}.yaml`) that the driver reads or writes. */
export interface StackConfig {
  readonly secretsprovider?: string;
  /** The data key, encrypted by the secrets provider. */
  readonly encryptedkey?: string;
  readonly encryptionsalt?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** @throws Problem `usage` for text that is not a YAML mapping with a mapping `config`. */
export function parseStackConfig(text: string, file: string): StackConfig {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    throw new Problem("usage", { what: `${file} is not YAML: ${(error as Error).message}` }, { cause: error });
  }
  const whole = parsed ?? {};
  if (!isMapping(whole) || !(whole["config"] === undefined || whole["config"] === null || isMapping(whole["config"]))) {
    throw new Problem("usage", {
      what: `${file} does not hold stack configuration`,
      allowed: "a YAML mapping whose `config` maps keys such as kiro-pipeline:githubOwner to values",
    });
  }
  return whole;
}

/** Lays config values over a stack's: mappings are merged key by key, everything else is replaced. */
export function layOver(stack: StackConfig, overlay: StackConfig): StackConfig {
  return { ...stack, config: merge(stack.config ?? {}, overlay.config ?? {}) };
}

/** Puts the secrets settings of a stack's state in place of whatever the config says. */
export function withSecrets(config: StackConfig, secrets: StackConfig): StackConfig {
  const { config: values = {} } = config;
  return { ...secrets, config: values };
}

export const renderStackConfig = (config: StackConfig): string => stringify(config);

function merge(
  below: Readonly<Record<string, unknown>>,
  above: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isMapping(under) && isMapping(value) ? merge(under, value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
