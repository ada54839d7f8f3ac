import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const constant = (name: string) => new RegExp(`${name} = "([^"]+)"`).exec(read("local/toolchain/version.mjs"))?.[1];

describe("the Pulumi toolchain", () => {
  it("is the version of the SDK in package.json, so that driver and engine speak the same", () => {
    const manifest = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    expect(manifest.dependencies["@pulumi/pulumi"]).toBe(constant("PULUMI_VERSION"));
  });

  it("is the version that the Go modules build", () => {
    expect(read("local/toolchain/pulumi/go.mod")).toContain(
      `github.com/pulumi/pulumi/pkg/v3 v${constant("PULUMI_VERSION")}`,
    );
    expect(read("local/toolchain/language-nodejs/go.mod")).toContain(
      `github.com/pulumi/pulumi/sdk/v3 v${constant("LANGUAGE_HOST_VERSION")}`,
    );
  });
});
