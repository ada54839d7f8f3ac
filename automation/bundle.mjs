// How the command is bundled: one CommonJS file that needs nothing beside it.
import { emptyTypeScript } from "../scripts/emptyTypeScript.mjs";

/** Options for esbuild, relative to the root of the checkout. */
export function driverBundle(outfile) {
  return {
    entryPoints: ["automation/cli.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: "none",
    // Only npm installs need it, and a driver installs nothing.
    external: ["node-gyp/bin/node-gyp.js"],
    plugins: [emptyTypeScript],
  };
}
