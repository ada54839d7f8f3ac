/** The one version of Pulumi's CLI and Node SDK; `package.json` and the Go module beside this file pin the same. */
export const PULUMI_VERSION = "3.220.0";

/** The language host comes from the last release of the SDK module that still contained it; any engine of major 3 runs it. */
export const LANGUAGE_HOST_VERSION = "3.68.0";
