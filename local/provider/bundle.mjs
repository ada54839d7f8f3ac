/** esbuild options that make the provider one executable file. */

/** @param {string} outfile where the executable goes; the caller makes it executable (mode 0755) */
export const providerBundle = (outfile) => ({
  entryPoints: [new URL("./main.ts", import.meta.url).pathname],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // The shebang is in the banner, because the engine starts the file itself.
  banner: { js: "#!/usr/bin/env node" },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
});
