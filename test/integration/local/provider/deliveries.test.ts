import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { SERVICES } from "../../../../local/cloud/services";
import { startCloud, type TestCloud } from "../../../support/emulator";
import { deliveries } from "./deliveryCases";
import type { Ground } from "./case";
import { Engine } from "./engine";
import { layGround } from "./ground";
import { live, nowhere, strip } from "./life";

const before = { ...process.env };
let directory: string;
let cloud: TestCloud;
let engine: Engine;
let ground: Ground;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "deliveries-"));
  cloud = await startCloud(directory, SERVICES);
  Object.assign(process.env, cloud.env);
  engine = await Engine.start({ region: "us-east-1", defaultTags: JSON.stringify({ tags: { Project: "trial" } }) });
  ground = await layGround(engine);
}, 60_000);

afterAll(async () => {
  await engine.stop();
  await cloud.stop();
  await rm(directory, { recursive: true, force: true });
  process.env = before;
});

describe("a resource of the local cloud's own services lives from create to delete", () => {
  test.each(deliveries(nowhere).map(({ type }, index) => ({ type, index })))(
    "$type",
    async ({ index }) => {
      const theCase = deliveries(ground)[index];
      if (theCase === undefined) throw new Error("the table has no such row");
      await live(engine, theCase);
    },
    60_000,
  );
});

describe("a resource can be stripped to what it must have", () => {
  let untagged: Engine;
  beforeAll(async () => {
    untagged = await Engine.start({ region: "us-east-1" });
  });
  afterAll(() => untagged.stop());

  const rows = deliveries(nowhere).map((each, index) => ({ type: each.type, bare: each.bare, index }));
  test.each(rows.filter(({ bare }) => bare !== undefined))(
    "$type",
    async ({ index }) => {
      const theCase = deliveries(ground)[index];
      if (theCase === undefined) throw new Error("the table has no such row");
      await strip(untagged, theCase);
    },
    60_000,
  );
});
