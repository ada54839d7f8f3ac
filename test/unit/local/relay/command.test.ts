import { afterAll, describe, expect, it } from "@jest/globals";
import { Command } from "commander";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { writeRecord } from "../../../../local/cloud/record";
import { registerRelay } from "../../../../local/relay/command";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

afterAll(removeTemporary);

/** Runs the command against a gateway that answers this; what it was asked and what was said. */
async function run(args: readonly string[], status = 200, answer: object = { released: 0 }) {
  const asked: unknown[] = [];
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      asked.push({ url: incoming.url, token: incoming.headers["x-kiro-token"], body: JSON.parse(body) as unknown });
      outgoing.writeHead(status).end(JSON.stringify(answer));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const directory = temporaryFolder("relay");
  await writeRecord(directory, {
    instance: "i",
    pid: process.pid,
    state: "running",
    startedAt: "",
    services: [],
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  await writeFile(join(directory, "push-token"), "secret\n");
  const said: string[] = [];
  const program = commandIn(directory, said);
  try {
    await program.parseAsync(["relay", ...args], { from: "user" });
  } finally {
    server.close();
  }
  return { asked, said };
}

function commandIn(directory: string, said: string[]): Command {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerRelay(program, directory, (line) => said.push(line));
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  return program;
}

describe("local relay", () => {
  it.each([
    [["hold", "--type", "T"], { mode: "hold", detailType: "T" }],
    [["drop"], { mode: "drop" }],
    [["duplicate", "--times", "10"], { mode: "duplicate", times: 10 }],
    [["normal", "--release", "reversed"], { mode: "normal", release: "reversed" }],
  ])("%j asks the gateway, with its token", async (args, body) => {
    const { asked } = await run(args);
    expect(asked).toEqual([{ url: "/_kiro/relay", token: "secret", body }]);
  });

  it("says how many events it has let go", async () => {
    await expect(run(["normal"], 200, { released: 2 })).resolves.toMatchObject({
      said: ["The event relay is set to normal; 2 held events were delivered."],
    });
    await expect(run(["drop"])).resolves.toMatchObject({ said: ["The event relay is set to drop."] });
  });

  it("hands on what the gateway refuses", async () => {
    await expect(run(["normal"], 503, { message: "not running" })).rejects.toThrow('503: {"message":"not running"}');
  });

  it.each([[["sometimes"]], [["duplicate", "--times", "1"]], [["normal", "--release", "sideways"]]])(
    "%j is refused before anybody is asked",
    async (args) => {
      await expect(run(args)).rejects.toThrow(/Allowed choices|2 to 100/);
    },
  );

  it("says how to start a local cloud that does not run", async () => {
    const program = commandIn(temporaryFolder("nowhere"), []);
    await expect(program.parseAsync(["relay", "drop"], { from: "user" })).rejects.toThrow("kiro-pipeline local start");
  });
});
