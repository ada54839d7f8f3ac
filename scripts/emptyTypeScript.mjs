/**
 * For esbuild: the engine's TypeScript loaders are never used by what is bundled; left external they would look for a
 * vendored compiler, and bundled they are ten megabytes of it.
 */
export const emptyTypeScript = {
  name: "empty-typescript",
  setup(build) {
    build.onResolve({ filter: /(^|\/)(typescript-shim|ts-node|typescript)$/ }, ({ path }) => ({
      path,
      namespace: "empty",
    }));
    build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};
