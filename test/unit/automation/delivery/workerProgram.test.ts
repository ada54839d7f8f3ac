import { access, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectOf, unpackProgram, workerConfig, workerStackName } from "../../../../automation/delivery/workerProgram";
import { planInputs } from "../../../../automation/delivery/workerStacks";
import { fetchToolchain } from "../../../../automation/engine/fetchToolchain";
import { tarOf } from "../../../../automation/release/archives";
import { packInfrastructure, packLayer } from "../../../../automation/release/content";
import { sha256 } from "../../../../runtime/releases/domain";
import { builtWorker, folderWith } from "../support/checkoutFolder";
import { releaseOf, settings } from "../support/delivery";
import { RecordedProgress } from "../support/progress";

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

  it("may not call itself like the installations, whose components are believed", async () => {
    await expect(projectOf(await folderWith({ "Pulumi.yaml": "name: kiro-pipeline\n" }))).rejects.toMatchObject({
      ending: "usage",
      said: { allowed: "any other, such as kiro-worker" },
    });
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

describe("a preview of the program", () => {
  it("is given its config by a file of its own, and the policies", async () => {
    const temporary = await folderWith({ "pack/index.js": "// rules", "program/Pulumi.yaml": "name: x\n" });
    const source = { pack: join(temporary, "pack"), program: join(temporary, "program"), level: "mandatory" } as const;
    const engine = { signal: new AbortController().signal, progress: new RecordedProgress() };
    const config = { config: { "kiro-worker:environment": "test" } };
    const inputs = await planInputs({ ...source, ...engine, temporary, config });
    expect(await readFile(inputs.configFile ?? "", "utf8")).toBe("config:\n  kiro-worker:environment: test\n");
    expect(inputs.policies.policyPacks).toEqual([source.pack]);
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

async function toolchain() {
  const archive = await tarOf(await folderWith({ "bin/pulumi": "binary" }), ["bin/pulumi"]);
  return { archive, digest: sha256(archive) };
}
