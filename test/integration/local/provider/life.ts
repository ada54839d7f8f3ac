import { expect } from "@jest/globals";
import { unwrap } from "../../../../local/provider/values";
import type { Case, Ground } from "./case";
import type { Engine } from "./engine";

/** For the titles of a table alone. */
export const nowhere = new Proxy({} as Ground, { get: (_target, name) => String(name) });

/** Creates, refreshes, imports, changes and deletes the resource of a case, as the engine would. */
export async function live(engine: Engine, theCase: Case): Promise<void> {
  const { type, inputs, update, replace, outputs, id, importId, stays, beforeDelete } = theCase;
  const made = await engine.create(type, inputs);
  if (id !== undefined) expect(made.id).toBe(id);
  expect(outputs.filter((name) => made.outputs[name] === undefined)).toEqual([]);
  expect(await engine.diff(made, inputs)).toMatchObject({ changed: [], replaces: [] });

  const refreshed = await engine.read(made);
  expect(refreshed?.inputs).toEqual(made.inputs);

  const imported = await engine.read({ type, id: importId ?? made.id });
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
}

/** Takes everything back that can be taken back, gives it again, and makes the resource with no more than it must have. */
export async function strip(engine: Engine, { type, inputs, update, bare, beforeDelete }: Case): Promise<void> {
  if (bare === undefined) throw new Error(`the case of ${type} has nothing bare`);
  const full = { ...inputs, ...update, ...beforeDelete };
  const made = await engine.create(type, full);
  const stripped = await engine.update(made, bare);
  expect((await engine.read(stripped))?.inputs).toEqual(stripped.inputs);
  expect((await engine.diff(stripped, bare)).changed).toEqual([]);
  const grown = await engine.update(stripped, full);
  expect((await engine.read(grown))?.inputs).toEqual(grown.inputs);
  await engine.delete(grown);
  const small = await engine.create(type, bare);
  expect((await engine.read(small))?.inputs).toEqual(small.inputs);
  expect((await engine.diff(small, bare)).changed).toEqual([]);
  await engine.delete(small);
}
