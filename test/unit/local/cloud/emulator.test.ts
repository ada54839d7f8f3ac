import { afterAll, expect, it } from "@jest/globals";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmulatorProcess } from "../../../../local/cloud/emulator";
import { emulatorPython } from "../../../../local/cloud/paths";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

afterAll(removeTemporary);

/** A project whose Python is this shell script. */
function projectWith(script: string): string {
  const root = temporaryFolder("project");
  mkdirSync(join(root, ".local", "venv", "bin"), { recursive: true });
  writeFileSync(emulatorPython(root), `#!/bin/sh\n${script}\n`);
  chmodSync(emulatorPython(root), 0o755);
  return root;
}

function starting(root: string): Promise<unknown> {
  return startEmulatorProcess({ root, directory: join(root, "emulator"), log: () => undefined });
}

it("says how to install an emulator that is not there", async () => {
  await expect(starting(temporaryFolder("project"))).rejects.toThrow(
    /is not installed: .* Run `node scripts\/setup\.mjs`/,
  );
});

it("hands on the last words of an emulator that ends at once", async () => {
  const script = 'for i in $(seq 30); do echo "line $i" >&2; done; exit 3';
  await expect(starting(projectWith(script))).rejects.toThrow(
    /^The emulator did not start: it ended at once \(exit code 3\)\nline 11\n[^]*\nline 30$/,
  );
});

it("ends an emulator that reports a port on which nobody answers healthily", async () => {
  const script = `echo '{"port": 1}'; exec sleep 60`;
  await expect(starting(projectWith(script))).rejects.toThrow(/^The emulator did not start: /);
});

it("says when its Python cannot be run", async () => {
  const root = projectWith("");
  chmodSync(emulatorPython(root), 0o644);
  await expect(starting(root)).rejects.toThrow("EACCES");
});
