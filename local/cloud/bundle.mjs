/** esbuild options of the local cloud's command: one CommonJS file, so that starting it loads nothing else. */
export const cloudBundle = (outfile) => ({
  entryPoints: ["local/cli.ts"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: false,
  // Reading node_modules at run time would tie the background process to the checkout's state.
  external: [],
});
