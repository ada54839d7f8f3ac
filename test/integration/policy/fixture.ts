import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version as engineVersion } from "@pulumi/pulumi/version";
import { type Example } from "../../../policy/rule";
import { UNKNOWN } from "../../../policy/values";
import { thingProvider } from "../automation/thingProvider";

const root = join(__dirname, "../../..");
const toolchain = join(root, ".local/toolchain", `v${engineVersion}`);

/** How one run of `kiro-pipeline preview` ended. */
export interface PreviewRun {
  readonly code: number;
  readonly lines: string;
  readonly document: {
    readonly ending: string;
    readonly failures?: readonly { readonly urn?: string; readonly message: string }[];
    readonly error?: { readonly what: string };
  };
}

/** A program of the installation `prod` that declares examples, in a folder of its own with a state of its own. */
export class FixtureProgram {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<FixtureProgram> {
    const folder = await mkdtemp(join(tmpdir(), "fixture-"));
    const plugin = join(folder, "home/plugins/resource-aws-v7.48.0");
    await mkdir(plugin, { recursive: true });
    await mkdir(join(folder, "state"));
    await mkdir(join(folder, "program"));
    await writeFile(join(plugin, "pulumi-resource-aws"), thingProvider(folder));
    await chmod(join(plugin, "pulumi-resource-aws"), 0o755);
    const program = new FixtureProgram(folder);
    await symlink(join(root, "node_modules"), join(folder, "program/node_modules"));
    await program.write("Pulumi.yaml", "name: kiro-pipeline\nruntime: nodejs\n");
    await program.write("Pulumi.prod.yaml", "config: {}\n");
    await program.write("index.js", declaring);
    return program;
  }

  /** Declares these resources from now on. */
  async declare(examples: readonly Example[]): Promise<void> {
    await this.write(
      "examples.json",
      JSON.stringify(examples.map(({ props, ...rest }) => ({ ...rest, props: marked(props) }))),
    );
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, "program", file), text);
  }

  /** The command as it is built, as a process of its own. */
  async preview(): Promise<PreviewRun> {
    const child = spawn(process.execPath, [join(root, "build/kiro-pipeline.cjs"), "preview", "prod", "--json"], {
      cwd: join(this.folder, "program"),
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.folder,
        AWS_REGION: "us-east-1",
        KIRO_TOOLCHAIN: toolchain,
        PULUMI_HOME: join(this.folder, "home"),
        PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "fixture",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, lines: err.join(""), document: JSON.parse(out.join("")) as PreviewRun["document"] };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What JSON cannot say: a value that only the update will know. */
function marked(value: unknown): unknown {
  if (value === UNKNOWN) return { unknown: true };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, marked(inner)]));
}

/** Declares what is in examples.json; whatever an example uses is another's id, which no preview knows. */
const declaring = `
const pulumi = require("@pulumi/pulumi");
const examples = require("./examples.json");
class Any extends pulumi.CustomResource {}
class Owner extends pulumi.ComponentResource {
  constructor(type, name, outputs) { super(type, name, {}); this.registerOutputs(outputs); }
}
const later = new Any("aws:iam/group:Group", "known-later", {});
const revive = (value) => {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== "object" || value === null) return value;
  if (value.unknown === true) return later.id;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
};
const made = new Map();
const make = (name) => {
  if (made.has(name)) return made.get(name);
  const { type, props, uses = {}, parent } = examples.find((example) => example.name === name);
  const used = Object.fromEntries(Object.entries(uses).map(([key, [other]]) => [key, make(other).id]));
  const resource = type.startsWith("aws:")
    ? new Any(type, name, { ...revive(props), ...used }, parent === undefined ? {} : { parent: make(parent) })
    : new Owner(type, name, revive(props));
  made.set(name, resource);
  return resource;
};
for (const { name } of examples) make(name);
`;
