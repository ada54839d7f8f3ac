import { type Installation, ownBackend } from "../installation/names";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";

/** The account's buckets and keys, as far as an installation's own backend needs them. */
export interface BackendResources {
  /** ARN of the key behind the alias; undefined when there is no such alias. */
  findKey(alias: string): Promise<string | undefined>;
  /** Makes a key with yearly rotation and gives it the alias; returns its ARN. */
  makeKey(alias: string, description: string): Promise<string>;
  /** `false` when this account has it already. */
  makeBucket(bucket: string): Promise<boolean>;
  /** Versions kept, encrypted by the key, nothing public, TLS only. Doing it twice is doing it once. */
  secureBucket(bucket: string, keyArn: string): Promise<void>;
}

/** Makes where the installation's own state lives. What is there already is kept, and secured again. */
export async function setUpBackend(
  installation: Installation,
  accountId: string,
  region: string,
  resources: BackendResources,
  progress: Progress,
): Promise<CommandResult> {
  const { bucket, keyAlias, url, secretsProvider } = ownBackend(installation, accountId, region);
  const existing = await resources.findKey(keyAlias);
  const keyArn =
    existing ??
    (await progress.step(`make the key ${keyAlias}`, () =>
      resources.makeKey(keyAlias, `State of the kiro-pipeline installation ${installation}`),
    ));
  const made = await progress.step(`bucket ${bucket}`, () => resources.makeBucket(bucket));
  await progress.step("versions, encryption, no public access", () => resources.secureBucket(bucket, keyArn));
  const said = made ? "made" : "was there already, and is secured again";
  return ok(
    { installation, bucket, bucketMade: made, keyAlias, keyArn, keyMade: existing === undefined, url, secretsProvider },
    [`backend of ${installation}: ${url} (${said})`],
  );
}
