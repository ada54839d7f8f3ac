// How the rollback function is bundled: one CommonJS file with a source map, so that its stack traces name our files.

/** Options for esbuild, relative to the root of the checkout. */
export function rollbackBundle(outfile) {
  return {
    entryPoints: ["runtime/rollback/lambda.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: "none",
    sourcemap: true,
    sourcesContent: false,
  };
}
