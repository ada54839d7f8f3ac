/** esbuild options of a command of the local cloud: one CommonJS file, so that starting it loads nothing else. */
export const commandBundle = (entry, outfile) => ({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
});
