// How the command is bundled: one CommonJS file that needs nothing beside it.

/** The engine's TypeScript loaders are never used by a driver; left external they would look for a vendored compiler. */
const emptyTypeScript = {
  name: "empty-typescript",
  setup(build) {
    build.onResolve({ filter: /(^|\/)(typescript-shim|ts-node|typescript)$/ }, ({ path }) => ({
      path,
      namespace: "empty",
    }));
    build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

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
