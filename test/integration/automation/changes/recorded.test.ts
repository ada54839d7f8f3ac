import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { projectRoot } from "../../../../local/cloud/paths";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { CHANGES } from "../../../support/previews/program";
import { type Recording, recordPreviews } from "../../../support/previews/record";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

/**
 * The events that the classifier's unit tests read. For a new engine or a new variant of the program,
 * `KIRO_RECORD=1 npx jest --testPathPatterns 'changes/recorded'` writes them anew and `npm run format` lays them out;
 * then look at what has changed. The engine is pinned, so otherwise some of each kind are enough.
 */
const recording = process.env["KIRO_RECORD"] === "1";
const some = [
  "first-deployment",
  "no-op",
  "tags-only",
  "outputs-only",
  "replacement-of-stateful",
  "widened-trust-policy",
];
const names = recording ? ["first-deployment", ...Object.keys(CHANGES), "secret-output"] : some;
const folder = join(projectRoot(), "test", "unit", "automation", "changes", "recorded");

let emulator: TestEmulator;
let recordings: ReadonlyMap<string, Recording>;

beforeAll(async () => {
  emulator = await startEmulator();
  recordings = await recordPreviews(temporaryFolder("recorded"), emulator.env, names);
}, 120_000);

afterAll(async () => {
  await emulator.stop();
  removeTemporary();
});

test.each(names)("the engine tells of %s what is recorded", async (name) => {
  const file = join(folder, `${name}.json`);
  const told = recordings.get(name);
  if (recording) await writeFile(file, JSON.stringify(told));
  expect(told).toEqual(JSON.parse(await readFile(file, "utf8")));
});
