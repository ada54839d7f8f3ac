/**
 * How a command of `kiro-pipeline` can end. `busy`, `refused` and `needs-approval` changed nothing; a pipeline action that
 * ends so fails its stage, but there is nothing to roll back.
 */
export const exitCodes = { ok: 0, failed: 1, usage: 2, busy: 3, refused: 4, "needs-approval": 5 } as const;

export type Ending = keyof typeof exitCodes;

/** The part of `--help` that documents them. */
export const exitCodesHelp = `
Exit codes:
  0  ok       done, or nothing to do
  1  failed   a step failed; what failed is said, and what was begun is recorded
  2  usage    wrong arguments, environment variables or configuration; nothing was begun
  3  busy     somebody else holds the lock; nothing was changed
  4  refused  a check said no (a gate, tampered release, wrong plan, environment held, nothing to
              roll back); nothing was changed
  5  needs-approval
              the change loses data or widens permissions: nothing was changed, and nothing is before a person has
              said \`kiro-pipeline approve <installation> --change <digest>\``;
