import { access, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectOf, unpackProgram, workerConfig, workerStackName } from "../../../../automation/delivery/workerProgram";
import { previewBound } from "../../../../automation/delivery/workerStacks";
import { fetchToolchain } from "../../../../automation/engine/fetchToolchain";
import { stateDigest } from "../../../../automation/engine/workspace";
import { tarOf } from "../../../../automation/release/archives";
import { packInfrastructure, packLayer } from "../../../../automation/release/content";
import { sha256 } from "../../../../runtime/releases/domain";
import { builtWorker, folderWith } from "../support/checkoutFolder";
import { releaseOf, settings } from "../support/delivery";
import { RecordedProgress } from "../support/progress";
import { resourceEvents, StackDouble } from "../support/stack";

describe("the worker's infrastructure program", () => {
  it("is unpacked from the release with its dependencies, and needs no registry", async () => {
    const checkout = await folderWith(builtWorker);
    const archive = (await packInfrastructure(checkout))?.archive ?? new Uint8Array();
    const layer = await packLayer(checkout);
    const releases = { fetchFile: async () => archive, fetchLayer: async () => layer };
    const program = await unpackProgram(releaseOf("a".repeat(40)), releases, await temporary());
    expect(await readFile(join(program, "index.ts"), "utf8")).toBe("export const a = 1;");
    expect(await readFile(join(program, "node_modules/left-pad/index.js"), "utf8")).toBe("module.exports = 1");
    expect(await projectOf(program)).toBe("kiro-worker");
    const bare = await unpackProgram(
      releaseOf("a".repeat(40)),
      { ...releases, fetchLayer: async () => undefined },
      await temporary(),
    );
    await expect(access(join(bare, "node_modules"))).rejects.toThrow();
  });

  it("must have a name", async () => {
    await expect(projectOf(await folderWith({ "Pulumi.yaml": "runtime: nodejs\n" }))).rejects.toThrow(
      "infrastructure/Pulumi.yaml has no name",
    );
  });

  it("is told where it runs, in its own namespace", () => {
    expect(workerStackName("kiro-worker", "test")).toBe("kiro-worker-test");
    expect(workerConfig("kiro-worker", settings, { secretsprovider: "awskms://x", encryptedkey: "k" })).toEqual({
      secretsprovider: "awskms://x",
      encryptedkey: "k",
      config: {
        "aws:region": "us-east-1",
        "kiro-worker:environment": "test",
        "kiro-worker:workerPrefix": "kiro-worker",
        "kiro-worker:accountId": "111122223333",
        "kiro-worker:releasesBucket": "releases",
        "kiro-worker:artifactsBucket": "artifacts",
        "kiro-worker:permissionsBoundaryArn": settings.boundaryArn,
        "kiro-worker:kmsKeyArn": settings.kmsKeyArn,
      },
    });
  });
});

describe("a preview that is bound to its state", () => {
  it("is applied by its plan while the state is the same", async () => {
    const { stack, preview } = await bound();
    const previewed = await preview();
    expect(previewed.changes).toEqual([{ op: "create", type: "aws:s3/bucket:Bucket", name: "jobs" }]);
    await previewed.apply("release a");
    expect(stack.operations).toEqual(["preview", "up"]);
    expect(stack.options).toMatchObject({ message: "release a", showSecrets: false });
    expect(stack.options.plan).toMatch(/plan.json$/);
    expect(await readFile(stack.options.configFile ?? "", "utf8")).toBe("config:\n  kiro-worker:environment: test\n");
  });

  it("is not applied to another state", async () => {
    const { stack, preview } = await bound();
    const previewed = await preview();
    stack.resources = [{ urn: "somebody's" }];
    await expect(previewed.apply("release a")).rejects.toThrow(
      "The state of the worker's infrastructure has changed since its preview",
    );
    expect(stack.operations).toEqual(["preview"]);
  });
});

describe("the Pulumi toolchain of a build", () => {
  it("is fetched once, verified and unpacked", async () => {
    const { archive, digest } = await toolchain();
    const home = await temporary();
    const keys: string[] = [];
    const fetch = async (key: string) => {
      keys.push(key);
      return archive;
    };
    const progress = new RecordedProgress();
    const fetched = await fetchToolchain(digest, home, fetch, progress);
    expect(await readFile(join(fetched.root, "bin/pulumi"), "utf8")).toBe("binary");
    expect(fetched.pulumiHome).toBe(join(home, ".kiro/toolchain/home"));
    await fetchToolchain(digest, home, fetch, progress);
    expect(keys).toEqual([`toolchain/${digest}.tar.gz`]);
  });

  it("is refused when its content is another", async () => {
    const { archive } = await toolchain();
    await expect(
      fetchToolchain("0".repeat(64), await temporary(), async () => archive, new RecordedProgress()),
    ).rejects.toMatchObject({
      ending: "refused",
      said: { what: "The Pulumi toolchain in the releases bucket is tampered" },
    });
  });
});

// Helpers

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), "worker-"));

async function bound() {
  const stack = new StackDouble();
  stack.events = resourceEvents("create", "jobs");
  const { deployment } = await stack.exportStack();
  const options = {
    config: { config: { "kiro-worker:environment": "test" } },
    state: stateDigest(deployment),
    temporary: await temporary(),
    signal: new AbortController().signal,
    progress: new RecordedProgress(),
  };
  return { stack, preview: () => previewBound(stack, options) };
}

async function toolchain() {
  const archive = await tarOf(await folderWith({ "bin/pulumi": "binary" }), ["bin/pulumi"]);
  return { archive, digest: sha256(archive) };
}
