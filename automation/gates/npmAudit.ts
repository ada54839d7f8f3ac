import { execFile } from "node:child_process";
import { type Env } from "../variables";
import { type Audit, readAudit, unavailable } from "./auditReport";

/** npm asks again twice, within some 20 s, but may wait minutes for each answer: longer than a build should. */
const longestWaitMs = 120_000;

/**
 * `npm audit`, with what would make it look at less taken back: a checkout's `.npmrc` or the environment may ask for
 * offline work, which npm answers with a clean report, or omit kinds of dependencies.
 */
const command = [
  "audit",
  "--json",
  "--offline=false",
  "--include=dev",
  "--include=optional",
  "--include=peer",
  "--fetch-retry-maxtimeout=10000",
];

/** Runs npm in a checkout. That it finds something, or cannot look, is told by what it prints, not by its exit code. */
export function npmAudit(
  checkout: string,
  env: Env,
  signal: AbortSignal,
  timeout = longestWaitMs,
): (folder: string) => Promise<Audit> {
  return (folder) =>
    new Promise((resolve, reject) => {
      // Without a prefix npm would look for a package.json in the folders above.
      const options = { cwd: checkout, env, signal, timeout, maxBuffer: 64 * 1024 * 1024 };
      execFile("npm", [...command, "--prefix", folder], options, (error, stdout) => {
        if (error === null || typeof error.code === "number") resolve(readAudit(stdout));
        else if (signal.aborted) reject(new Error("npm audit was interrupted", { cause: error }));
        else if (error.killed === true) resolve(unavailable(`no answer within ${timeout / 1000} s`));
        else resolve(unavailable(error.code === "ENOENT" ? "npm is not on PATH" : error.message));
      });
    });
}
