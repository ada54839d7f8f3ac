import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { destroy, preview, up } from "../../../automation/composition/installation";
import { setupBackend } from "../../../automation/composition/setup";
import { enter, linkPackages, type Place, write } from "./support";

const committed = "config:\n  kiro-pipeline:word: committed # kept as it is\n";
let place: Place;
let project: string;

beforeAll(async () => {
  place = await enter();
  project = join(place.folder, "checkout");
  await mkdir(project);
  await write(project, {
    "Pulumi.yaml": "name: kiro-pipeline\nruntime: nodejs\n",
    "Pulumi.prod.yaml": committed,
    "overlay.yaml": "config:\n  kiro-pipeline:word: overlaid\n",
    "package.json": '{"name":"checkout"}',
    "index.js": program(""),
  });
  await linkPackages(project);
}, 120_000);
afterAll(() => place.leave());

describe("an installation through the real engine", () => {
  it("asks for a backend first", async () => {
    await expect(up(args, here())).rejects.toMatchObject({
      ending: "usage",
      message: expect.stringContaining("Run `kiro-pipeline setup backend prod`") as unknown,
    });
  });

  it("gets one, once", async () => {
    expect((await setupBackend(args, here())).document).toMatchObject({ bucketMade: true, keyMade: true });
    expect((await setupBackend(args, here())).document).toMatchObject({ bucketMade: false, keyMade: false });
  });

  it("is previewed without changing anything", async () => {
    const { document } = await preview(args, here());
    expect(document["counts"]).toEqual({ create: 3 });
    // The engine tells of what does not depend on each other in any order.
    expect(new Set(document["changes"] as object[])).toEqual(
      new Set([
        { op: "create", type: "kiro:test:Part", name: "overlaid" },
        { op: "create", type: "kiro:test:Part", name: "kept" },
      ]),
    );
  });

  it("comes up with the overlay's values, and its committed config stays as it is", async () => {
    const { document } = await up(args, here());
    expect(document["counts"]).toEqual({ create: 3 });
    expect(await readFile(join(project, "Pulumi.prod.yaml"), "utf8")).toBe(committed);
    const bucket = `kiro-pipeline-prod-backend-${place.account}`;
    const { Contents = [] } = await new S3Client({ forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: bucket }),
    );
    expect(Contents.map(({ Key }) => Key)).toContain(".pulumi/stacks/kiro-pipeline/prod.json.gz");
  });

  it("changes nothing the second time, though nobody can be asked", async () => {
    const { document } = await up({ ...args, yes: false }, here());
    expect(document["counts"]).toEqual({ same: 3 });
  });

  it("says what failed by the engine's events", async () => {
    await writeFile(join(project, "index.js"), program(thrown));
    await expect(up(args, here())).rejects.toMatchObject({
      ending: "failed",
      message: expect.stringMatching(/^preview failed: .*the config has no owner/s) as unknown,
    });
    await writeFile(join(project, "index.js"), program(""));
  });

  it("is not touched when nobody can be asked", async () => {
    await expect(destroy({ ...args, yes: false }, here())).rejects.toThrow("nobody can be asked");
  });

  it("goes, but for what is protected, which is named", async () => {
    const { document } = await destroy(args, here());
    expect(document["left"]).toEqual([
      { type: "kiro:test:Part", id: "urn:pulumi:prod::kiro-pipeline::kiro:test:Part::kept", because: "protected" },
    ]);
  });

  it("may have a backend of the user's own", async () => {
    const state = join(place.folder, "state");
    await mkdir(state);
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "the user's";
    const own = place.surroundings(project, { PULUMI_BACKEND_URL: `file://${state}`, KIRO_CONFIG_OVERLAY: "" });
    const { document } = await preview(args, own);
    expect(document["changes"]).toContainEqual({ op: "create", type: "kiro:test:Part", name: "committed" });
  });
});

// Helpers

const args = { installation: "prod", yes: true } as const;

const here = () => place.surroundings(project, { KIRO_CONFIG_OVERLAY: join(project, "overlay.yaml") });

/** Few frames: Node 20.20 takes a minute to colour a stack with a source-mapped frame such as `@pulumi/resource.ts`. */
const thrown = 'Error.stackTraceLimit = 2; throw new Error("the config has no owner");';

const program = (more: string): string => `
const pulumi = require("@pulumi/pulumi");
class Part extends pulumi.ComponentResource {
  constructor(name, options) { super("kiro:test:Part", name, {}, options); this.registerOutputs({}); }
}
new Part(new pulumi.Config().require("word"));
new Part("kept", { protect: true });
exports.password = pulumi.secret("hidden");
${more}`;
