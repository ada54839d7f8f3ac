import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  daemonEnvironment,
  environment,
  environmentWithPath,
  quote,
  shellExports,
} from "../../../../local/cloud/environment";
import { cloudDirectory, projectRoot } from "../../../../local/cloud/paths";
import { installProvider } from "../../../../local/cloud/pulumiHome";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

afterAll(removeTemporary);

const endpoint = "http://127.0.0.1:4711";
let root: string;

beforeAll(async () => {
  root = join(temporaryFolder("root"), "it's a folder");
  await mkdir(join(root, "build"), { recursive: true });
  const dependencies = { "@pulumi/pulumi": "3.1.2", "@pulumi/aws": "7.8.9" };
  await writeFile(join(root, "package.json"), JSON.stringify({ dependencies }));
});

describe("the environment of somebody who uses the local cloud", () => {
  it("can be evaluated by a shell, whatever the folders are called", async () => {
    const directory = join(root, "cloud $HOME");
    const lines = await shellExports({ root, directory, endpoint });
    const script = `AWS_PROFILE=real; export AWS_PROFILE\n${lines}\nenv`;
    const printed = execFileSync("/bin/sh", ["-c", script], { env: { PATH: "/usr/bin:/bin" }, encoding: "utf8" });
    const seen = new Map(printed.split("\n").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
    expect(seen.has("AWS_PROFILE")).toBe(false);
    for (const [name, value] of Object.entries(environment({ root, directory, endpoint }))) {
      expect([name, seen.get(name)]).toEqual([name, value]);
    }
    expect(seen.get("PATH")).toBe(`${root}/.local/toolchain/v3.1.2/bin:${root}/.local/venv/bin:/usr/bin:/bin`);
  });

  it("names every folder on PATH once for programs", async () => {
    const options = { root, directory: root, endpoint };
    const first = await environmentWithPath(options, "/usr/bin::/bin");
    const again = await environmentWithPath(options, first["PATH"] ?? "");
    expect(again).toEqual(first);
    expect(first["PATH"]).toBe(`${root}/.local/toolchain/v3.1.2/bin:${root}/.local/venv/bin:/usr/bin:/bin`);
    expect(first["AWS_ENDPOINT_URL"]).toBe(endpoint);
  });

  it("quotes single quotes", () => {
    expect(quote("it's")).toBe(`'it'\\''s'`);
  });
});

it("the background process knows nothing of real accounts", () => {
  const given = {
    PATH: "/bin",
    HOME: "/h",
    AWS_PROFILE: "real",
    AWS_ACCESS_KEY_ID: "real",
    PULUMI_ACCESS_TOKEN: "real",
  };
  expect(daemonEnvironment("/r", given)).toEqual({
    PATH: "/r/.local/venv/bin:/bin",
    HOME: "/h",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  });
});

describe("the provider for the engine", () => {
  const installed = () => join(root, ".local/pulumi-home/plugins/resource-aws-v7.8.9/pulumi-resource-aws");

  it("is put into the local Pulumi home as the plugin of the pinned version, and replaced when it is built anew", async () => {
    await expect(installProvider(root)).resolves.toBe(false);
    for (const version of ["one", "one", "two"]) {
      await writeFile(join(root, "build", "pulumi-resource-aws"), version);
      await expect(installProvider(root)).resolves.toBe(true);
      await expect(readFile(installed(), "utf8")).resolves.toBe(version);
    }
    expect((await stat(installed())).mode & 0o777).toBe(0o755);
  });
});

describe("the project's folders", () => {
  it("are found from a source file and from a bundle", () => {
    const here = projectRoot();
    expect(projectRoot(join(here, "build"))).toBe(here);
    expect(cloudDirectory(here)).toBe(join(here, ".local", "cloud"));
  });

  it("are not made up", () => {
    expect(() => projectRoot(tmpdir())).toThrow(/No folder above .* holds local\/emulator\/serve\.py/);
  });
});
