import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/**
 * The code of a function: a folder with `index.js` and its source map, as the build leaves them.
 * @throws ResourceError when the function was not built.
 */
export function builtCode(folder: string, resource: pulumi.Resource): pulumi.asset.FileArchive {
  for (const file of ["index.js", "index.js.map"].map((name) => join(folder, name))) {
    if (!existsSync(file)) throw new pulumi.ResourceError(`${file} is missing: run "npm run build" first`, resource);
  }
  return new pulumi.asset.FileArchive(folder);
}
