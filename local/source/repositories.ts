/** The repositories that connections lead to: bare git repositories on this machine that tell of every push. */
import { access, chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git";

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * Where `owner/repo` lives under the folder of repositories.
 * @throws Error when the name is no `owner/repo`, so that no name leads out of the folder.
 */
export function repositoryPath(gitDir: string, repository: string): string {
  const segments = repository.split("/");
  if (segments.length < 2 || !segments.every((s) => SEGMENT.test(s))) {
    throw new Error(`"${repository}" is not the name of a repository: expected "owner/repo".`);
  }
  return `${join(gitDir, ...segments)}.git`;
}

/**
 * Makes the bare repository `owner/repo` (default branch `main`) if it is not there, and (re)writes its post-receive
 * hook. The hook tells the gateway of each pushed branch, as a webhook would; where the gateway is and which token it
 * takes is read at every push from `cloudFile` (the local cloud's `cloud.json`; the token may lie beside it in
 * `push-token`). A gateway that is not there does not spoil the push. Returns the repository's path.
 */
export async function ensureRepository(gitDir: string, repository: string, cloudFile: string): Promise<string> {
  const path = repositoryPath(gitDir, repository);
  if (!(await exists(join(path, "HEAD")))) {
    await mkdir(path, { recursive: true });
    await git(path, ["init", "--quiet", "--bare", "--initial-branch=main", path]);
  }
  await mkdir(join(path, "hooks"), { recursive: true });
  const hook = join(path, "hooks", "post-receive");
  await writeFile(`${hook}.new`, hookScript(repository, cloudFile));
  await chmod(`${hook}.new`, 0o755);
  await rename(`${hook}.new`, hook);
  return path;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function hookScript(repository: string, cloudFile: string): string {
  return `#!/usr/bin/env node
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

const repository = ${JSON.stringify(repository)};
const cloudFile = ${JSON.stringify(cloudFile)};

async function tell() {
  const cloud = JSON.parse(readFileSync(cloudFile, "utf8"));
  const token = cloud.pushToken ?? readFileSync(join(dirname(cloudFile), "push-token"), "utf8").trim();
  for (const line of readFileSync(0, "utf8").split("\\n").filter(Boolean)) {
    const [, commit, ref] = line.split(" ");
    const deleted = /^0+$/.test(commit);
    if (deleted || !ref.startsWith("refs/heads/")) continue;
    const response = await fetch(cloud.endpoint + "/_kiro/push", {
      method: "POST",
      headers: { "content-type": "application/json", "x-kiro-token": token },
      body: JSON.stringify({ repository, branch: ref.slice("refs/heads/".length), commit }),
    });
    if (!response.ok) throw new Error(response.status + " " + (await response.text()));
  }
}

tell().catch((error) => console.error("The push is stored, but the local cloud was not told: " + error.message));
`;
}
