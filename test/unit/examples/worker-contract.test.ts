import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(__dirname, "../../..");
const worker = join(root, "examples/worker");
const infrastructure = join(worker, "infrastructure");

interface Package {
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

interface Lockfile {
  readonly packages: Record<string, Package & { readonly resolved?: string }>;
}

const text = (...path: string[]): string => readFileSync(join(...path), "utf8");
const packageOf = (folder: string): Package => JSON.parse(text(folder, "package.json")) as Package;
const lockOf = (folder: string): Lockfile => JSON.parse(text(folder, "package-lock.json")) as Lockfile;
const everyDependency = ({ dependencies, devDependencies }: Package) => ({ ...dependencies, ...devDependencies });

const contract = text(root, "docs/worker-contract.md");
/** First cells, in backticks, of the table whose header begins with this word. */
const namesInTable = (header: string): string[] => {
  const table = contract.split(new RegExp(`^\\| ${header}\\b.*$`, "m"))[1]?.split("\n\n")[0] ?? "";
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name ?? "");
};

describe("the sample worker", () => {
  it("has every npm script of the contract", () => {
    const scripts = namesInTable("command").map((command) => command.replace("npm run ", ""));
    expect(scripts).toEqual(["lint", "test:coverage", "build", "test:integration", "test:e2e"]);
    expect(Object.keys(packageOf(worker).scripts ?? {})).toEqual(expect.arrayContaining(scripts));
  });

  it("needs nothing at run time", () => {
    expect(packageOf(worker).dependencies ?? {}).toEqual({});
  });

  it("pins every direct dependency at this project's own version", () => {
    const own = everyDependency(packageOf(root));
    for (const folder of [worker, infrastructure]) {
      const shared = Object.entries(everyDependency(packageOf(folder))).filter(([name]) => name in own);
      expect(Object.fromEntries(shared)).toEqual(Object.fromEntries(shared.map(([name]) => [name, own[name]])));
      const versions = Object.values(everyDependency(packageOf(folder)));
      expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    }
  });

  it.each([worker, infrastructure])("has a lock file without addresses that fits its package.json", (folder) => {
    const { packages } = lockOf(folder);
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    expect(everyDependency(packages[""] ?? {})).toEqual(everyDependency(packageOf(folder)));
  });
});

describe("the sample worker's infrastructure", () => {
  const project = parse(text(infrastructure, "Pulumi.yaml")) as { name: string; config: Record<string, unknown> };
  const program = text(infrastructure, "index.ts");

  it("is the project kiro-worker with the configuration of the contract, all of it used", () => {
    const keys = namesInTable("key");
    expect(project.name).toBe("kiro-worker");
    expect(Object.keys(project.config)).toEqual(keys);
    expect([...program.matchAll(/config\.require\("(\w+)"\)/g)].map(([, key]) => key).sort()).toEqual([...keys].sort());
  });

  it("depends on the engine's library and the provider alone", () => {
    expect(packageOf(infrastructure).dependencies).toEqual({ "@pulumi/aws": "7.48.0", "@pulumi/pulumi": "3.220.0" });
  });

  it("creates no type of resource that a deployment may not create", () => {
    const types = [...program.matchAll(/new (aws\.\w+\.\w+)\(/g)].map(([, type]) => type ?? "");
    expect(types.sort()).toEqual([...namesInTable("type"), "aws.iam.RolePolicy"].sort());
  });
});
