/** esbuild options that make the provider one executable file. */

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const services = new URL("./services/", import.meta.url);

/** All that our services say: an SDK package exports hundreds of names that they never mention. */
const mentioned = () =>
  ["../clients.ts", "../jsonService.ts", ...readdirSync(services)]
    .map((file) => readFileSync(new URL(file, services), "utf8"))
    .join("\n");

/**
 * An update uses a few AWS services, and evaluating the SDK's code of one takes up to 50 ms: so each package is
 * evaluated when something of it is first used, not when the engine waits for the plugin to start.
 */
const lazySdk = {
  name: "lazy-aws-sdk",
  setup(build) {
    const filter = /^@aws-sdk\/client-[a-z0-9-]+$/;
    build.onResolve({ filter }, ({ path, pluginData }) =>
      pluginData === "real" ? undefined : { path, namespace: "lazy", sideEffects: false },
    );
    build.onResolve({ filter: /^real:/, namespace: "lazy" }, ({ path, resolveDir }) =>
      build.resolve(path.slice("real:".length), { kind: "require-call", resolveDir, pluginData: "real" }),
    );
    const sources = mentioned();
    build.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => {
      const names = Object.keys(require(path)).filter((name) => sources.includes(name));
      const getters = names.map((name) => `get ${name}() { return load().${name}; }`);
      const contents = `let sdk; const load = () => (sdk ??= require("real:${path}"));
        module.exports = { __esModule: true, ${getters.join(", ")} };`;
      return { contents, loader: "js", resolveDir: import.meta.dirname };
    });
  },
};

/** @param {string} outfile where the executable goes; the caller makes it executable (mode 0755) */
export const providerBundle = (outfile) => ({
  entryPoints: [new URL("./main.ts", import.meta.url).pathname],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // The engine starts the file itself, so it says what runs it.
  banner: { js: "#!/usr/bin/env node" },
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  plugins: [lazySdk],
});
