import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { servedTypes } from "../../../../local/provider/registry";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { applications } from "./applicationCases";
import type { Case, Ground } from "./case";
import { foundations } from "./cases";
import { deliveries } from "./deliveryCases";
import { Engine } from "./engine";
import { layGround } from "./ground";
import { storage } from "./storageCases";
import { variants } from "./variantCases";
import { live, nowhere, strip } from "./life";

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

const table = (on: Ground): readonly Case[] => [
  ...foundations(on),
  ...storage(on),
  ...applications(on),
  ...variants(on),
];

describe("a resource lives from create to delete", () => {
  test.each(table(nowhere).map(({ type }, index) => ({ type, index })))(
    "$type",
    async ({ index }) => {
      const theCase = table(ground)[index];
      if (theCase === undefined) throw new Error("the table has no such row");
      await live(engine, theCase);
    },
    60_000,
  );

  test("every served type has its case", () => {
    const tried = [...table(nowhere), ...deliveries(nowhere)].map(({ type }) => type);
    expect([...new Set(tried)].sort()).toEqual(servedTypes);
  });
});

describe("a resource can be stripped to what it must have", () => {
  let untagged: Engine;
  beforeAll(async () => {
    untagged = await Engine.start({ region: "us-east-1" });
  });
  afterAll(() => untagged.stop());

  const rows = table(nowhere).map((each, index) => ({ type: each.type, bare: each.bare, index }));
  test.each(rows.filter(({ bare }) => bare !== undefined))(
    "$type",
    async ({ index }) => {
      const theCase = table(ground)[index];
      if (theCase === undefined) throw new Error("the table has no such row");
      await strip(untagged, theCase);
    },
    60_000,
  );
});
