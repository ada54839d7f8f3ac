import { afterAll, afterEach, describe, expect, it } from "@jest/globals";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { archive, readCommit, takePush } from "../../../../local/source/git";
import { ensureRepository, repositoryPath } from "../../../../local/source/repositories";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

const run = promisify(execFile);
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(removeTemporary);

describe("a repository", () => {
  it.each(["worker", "../x", "acme/..", "acme/-x", "/etc/passwd", "acme/a b", "acme//x", ""])(
    "is not made of the name %j",
    (name) => {
      expect(() => repositoryPath("/git", name)).toThrow('expected "owner/repo"');
    },
  );

  it("is bare with the branch main, and stays as it is when ensured again", async () => {
    const { path, gitDir, cloudFile, commit } = await pushable();
    const id = await commit("a.txt", "one");
    expect(await ensureRepository(gitDir, "acme/worker", cloudFile)).toBe(path);
    expect((await readCommit(path, { branch: "main" }))?.id).toBe(id);
  });

  it("tells the gateway of each pushed branch, with the token", async () => {
    const heard: unknown[] = [];
    const endpoint = await gateway((body, token) => {
      heard.push([JSON.parse(body), token]);
      return 202;
    });
    const { cloudFile, commit, git, path } = await pushable();
    writeFileSync(cloudFile, JSON.stringify({ endpoint, pushToken: "secret" }));
    const id = await commit("a.txt", "one");
    await git("push", "--quiet", path, "HEAD:feature/x", "HEAD:refs/tags/v1");
    await git("push", "--quiet", path, "--delete", "feature/x");
    expect(heard).toEqual([
      [{ repository: "acme/worker", branch: "main", commit: id }, "secret"],
      [{ repository: "acme/worker", branch: "feature/x", commit: id }, "secret"],
    ]);
  });

  it("reads the token beside the cloud's file, and keeps a push that nobody hears of", async () => {
    const tokens: string[] = [];
    const endpoint = await gateway((_, token) => {
      tokens.push(token);
      return 403;
    });
    const { cloudFile, commit, path, folder } = await pushable();
    const first = await commit("a.txt", "nobody there");
    expect((await readCommit(path, { branch: "main" }))?.id).toBe(first);
    writeFileSync(cloudFile, JSON.stringify({ endpoint }));
    writeFileSync(join(folder, "push-token"), "beside\n");
    const second = await commit("a.txt", "refused");
    expect(tokens).toEqual(["beside"]);
    expect((await readCommit(path, { branch: "main" }))?.id).toBe(second);
  });
});

describe("what is read of a repository", () => {
  it("is the commit of a branch or an id, and nothing for what is not there", async () => {
    const { path, commit } = await pushable();
    expect(await readCommit(path, { branch: "main" })).toBeUndefined();
    const id = await commit("a.txt", "one\n\nbody");
    const read = await readCommit(path, { commit: id });
    expect(read).toEqual({
      id,
      message: "one\n\nbody",
      authorDate: expect.stringMatching(/^\d{4}-.*T/),
      committedAt: expect.any(Number),
    });
    expect(await readCommit(path, { branch: "main" })).toEqual(read);
    expect(await readCommit(path, { commit: "0".repeat(40) })).toBeUndefined();
    expect((await archive(path, id)).subarray(0, 2).toString("latin1")).toBe("PK");
  });

  it("is never a ref that looks like an option", async () => {
    const { path } = await pushable();
    await expect(readCommit(path, { branch: "--all" })).rejects.toThrow('"--all" is not the name');
    await expect(archive(path, "--output=/tmp/x")).rejects.toThrow("is not the name");
    await expect(takePush(path, "-x", "c")).rejects.toThrow("is not the name");
    await expect(archive(path, "nothing")).rejects.toThrow("git archive:");
  });

  it("tells which files a push changed since the one before", async () => {
    const { path, commit } = await pushable();
    const first = await commit("a.txt", "one");
    expect(await takePush(path, "main", first)).toEqual(["a.txt"]);
    await commit("b.txt", "two");
    const third = await commit("ü c.txt", "three");
    expect(await takePush(path, "main", third)).toEqual(["b.txt", "ü c.txt"]);
    expect(await takePush(path, "main", third)).toEqual([]);
  });
});

// Helpers

/** An empty repository and a checkout that pushes to its main. */
async function pushable() {
  const folder = temporaryFolder("source");
  const gitDir = join(folder, "git");
  const cloudFile = join(folder, "cloud.json");
  const path = await ensureRepository(gitDir, "acme/worker", cloudFile);
  const checkout = join(folder, "checkout");
  await run("git", ["init", "--quiet", "--initial-branch=main", checkout]);
  const git = async (...args: string[]) =>
    (await run("git", ["-C", checkout, "-c", "user.name=D", "-c", "user.email=d@example.com", ...args])).stdout;
  let count = 0;
  const commit = async (file: string, message: string) => {
    count += 1;
    writeFileSync(join(checkout, file), String(count));
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
    await git("push", "--quiet", path, "HEAD:main");
    return (await git("rev-parse", "HEAD")).trim();
  };
  return { folder, gitDir, cloudFile, path, git, commit };
}

async function gateway(answer: (body: string, token: string) => number): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      response.writeHead(answer(body, String(request.headers["x-kiro-token"])));
      response.end("{}");
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
