import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { unwrap } from "../../../../local/provider/values";
import { foundations, type Case, type Ground } from "./cases";
import { Engine } from "./engine";
import { layGround } from "./ground";

const placeholder = new Proxy({} as Ground, { get: (_target, name) => String(name) });
const before = { ...process.env };
let emulator: TestEmulator;
let engine: Engine;
let ground: Ground;

beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, emulator.env);
  engine = await Engine.start({ region: "us-east-1", defaultTags: JSON.stringify({ tags: { Project: "trial" } }) });
  ground = await layGround(engine);
}, 60_000);

afterAll(async () => {
  await engine.stop();
  await emulator.stop();
  process.env = before;
});

const tables: readonly ((ground: Ground) => readonly Case[])[] = [foundations];

for (const table of tables) {
  describe.each(table(placeholder).map(({ type }, index) => ({ type, index })))("$type", ({ index }) => {
    const theCase = (): Case => {
      const found = table(ground)[index];
      if (found === undefined) throw new Error("the table has no such row");
      return found;
    };

    test("lives from create to delete", async () => {
      const { type, inputs, update, replace, outputs, id, stays, beforeDelete } = theCase();
      const made = await engine.create(type, inputs);
      if (id !== undefined) expect(made.id).toBe(id);
      expect(outputs.filter((name) => made.outputs[name] === undefined)).toEqual([]);
      expect(await engine.diff(made, inputs)).toMatchObject({ changed: [], replaces: [] });

      const refreshed = await engine.read(made);
      expect(refreshed?.inputs).toEqual(made.inputs);

      const imported = await engine.read({ type, id: made.id });
      expect(imported?.id).toBe(made.id);
      expect(await engine.check(type, unwrap(inputs) as Case["inputs"])).toBeDefined();

      let last = made;
      let latest = inputs;
      if (update !== undefined) {
        latest = { ...inputs, ...update };
        const difference = await engine.diff(made, latest);
        expect(difference.changed.filter((name) => name !== "tagsAll")).toEqual(
          expect.arrayContaining(Object.keys(update).filter((name) => name !== "attributes")),
        );
        expect(difference.replaces).toEqual([]);
        last = await engine.update(made, latest);
        expect((await engine.read(last))?.inputs).toEqual(last.inputs);
        expect((await engine.diff(last, latest)).changed).toEqual([]);
      }
      if (replace !== undefined) {
        const { replaces } = await engine.diff(last, { ...latest, ...replace });
        expect(replaces.length).toBeGreaterThan(0);
        expect(Object.keys(replace)).toEqual(expect.arrayContaining([...replaces]));
      }
      if (beforeDelete !== undefined) last = await engine.update(last, { ...latest, ...beforeDelete });
      await engine.delete(last);
      if (stays === undefined) expect(await engine.read(last)).toBeUndefined();
      await engine.delete(last);
    }, 30_000);
  });
}
