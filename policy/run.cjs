// Stands in the pack for `@pulumi/pulumi/cmd/run-policy-pack`, which the engine's executable starts with the engine's
// address and the pack's folder: the pack is one bundled file, so there is neither a compiler to start nor a package to find.
"use strict";
const { resolve } = require("node:path");
const folder = process.argv.at(-1);
require(resolve(folder));
