// How the policy pack is bundled: a folder that the engine can start with nothing installed beside it.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyTypeScript } from "../scripts/emptyTypeScript.mjs";

/** All that @pulumi/policy takes of @pulumi/pulumi's whole index, which would be three megabytes and a quarter of a second. */
const assetsAlone = {
  name: "assets-alone",
  setup(build) {
    build.onResolve({ filter: /^@pulumi\/pulumi$/ }, ({ importer, resolveDir }) =>
      importer.includes("@pulumi/policy/") ? { path: resolveDir, namespace: "assets-alone" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "assets-alone" }, ({ path: resolveDir }) => ({
      contents: 'exports.asset = require("@pulumi/pulumi/asset");',
      resolveDir,
    }));
  },
};

/** Options for esbuild, relative to the root of the checkout. */
export function policyBundle(folder) {
  return {
    entryPoints: ["policy/index.ts"],
    outfile: join(folder, "index.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: "none",
    // Only npm installs need it, and a pack installs nothing.
    external: ["node-gyp/bin/node-gyp.js"],
    plugins: [emptyTypeScript, assetsAlone],
  };
}

/** What makes a pack of the folder with the bundle. The engine looks for its runner in the pack's own packages. */
export function completePack(root, folder) {
  for (const file of ["PulumiPolicy.yaml", "package.json"])
    copyFileSync(join(root, "policy", file), join(folder, file));
  const runner = join(folder, "node_modules/@pulumi/pulumi");
  mkdirSync(join(runner, "cmd/run-policy-pack"), { recursive: true });
  copyFileSync(join(root, "policy/run.cjs"), join(runner, "cmd/run-policy-pack/index.js"));
  writeFileSync(join(runner, "package.json"), JSON.stringify({ name: "@pulumi/pulumi", private: true }));
}
