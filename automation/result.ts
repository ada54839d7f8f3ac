import { type Ending } from "./exitCodes";

/** What a command hands back: how it ended, the document for `--json`, and the same for people. */
export interface CommandResult {
  readonly ending: Ending;
  readonly document: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

export function ok(document: CommandResult["document"], lines: readonly string[]): CommandResult {
  return { ending: "ok", document, lines };
}
