import { Problem } from "../problem";
import { type Env } from "../variables";
import { type Installation, ownBackend } from "./names";

/** Where the installation's stack lives and who encrypts its secrets. */
export interface Backend {
  readonly url: string;
  /** Absent: the backend's default, or what the stack was made with. */
  readonly secretsProvider?: string;
  /** Bucket that must exist; absent when the user brought the backend. */
  readonly bucket?: string;
}

/** `PULUMI_BACKEND_URL` when the user set it, else the installation's own bucket and key of `setup backend`. */
export function chooseBackend(installation: Installation, env: Env, accountId: string, region: string): Backend {
  const brought = env["PULUMI_BACKEND_URL"];
  if (brought !== undefined && brought !== "") return { url: brought };
  const { url, secretsProvider, bucket } = ownBackend(installation, accountId, region);
  return { url, secretsProvider, bucket };
}

/** @throws Problem `usage` when neither variable names a region. */
export function regionOf(env: Env): string {
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region !== undefined && region !== "") return region;
  throw new Problem("usage", {
    what: "No AWS region is set",
    allowed: "AWS_REGION or AWS_DEFAULT_REGION, such as us-east-1",
    remedy: 'For the local cloud: eval "$(npx kiro-pipeline local env)".',
  });
}

export function missingBackend(installation: Installation, bucket: string): Problem {
  return new Problem("usage", {
    what: `The installation ${installation} has no place for its state: there is no bucket ${bucket}`,
    remedy: `Run \`kiro-pipeline setup backend ${installation}\`, or set PULUMI_BACKEND_URL.`,
  });
}
