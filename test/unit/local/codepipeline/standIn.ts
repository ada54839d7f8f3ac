/** A service under test with the AWS around it stood in for by one small HTTP server. */
import { createServer, type Server } from "node:http";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { createCodePipeline } from "../../../../local/codepipeline";
import { type AwsEvent, AwsError, type Call } from "../../../../local/services/contract";
import { ensureRepository } from "../../../../local/source/repositories";
import { temporaryFolder } from "../../../support/temporary";

/** What a build answers; changed by the test while the service looks at it. */
export interface StandInBuild {
  buildStatus: string;
  phases?: object[];
  exportedEnvironmentVariables?: { name: string; value: string }[];
}

export class StandIn {
  readonly log: string[] = [];
  readonly events: AwsEvent[] = [];
  readonly objects = new Map<string, Buffer>();
  readonly starts: Record<string, unknown>[] = [];
  readonly published: string[] = [];
  readonly builds = new Map<string, StandInBuild>();
  readonly denied = new Set<string>();
  private readonly listeners = new Set<(e: AwsEvent) => void>();
  private readonly folder = temporaryFolder("codepipeline");
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const target = String(request.headers["x-amz-target"] ?? "");
        const { status, body } = this.answer(request.method ?? "", request.url ?? "", target, Buffer.concat(chunks));
        response.writeHead(status, { "content-type": target === "" ? "text/xml" : "application/x-amz-json-1.1" });
        response.end(body);
      });
    });
  }

  static async open(): Promise<StandIn> {
    const standIn = new StandIn();
    standIn.server.listen(0, "127.0.0.1");
    await once(standIn.server, "listening");
    mkdirSync(standIn.gitDir);
    mkdirSync(join(standIn.folder, "state"));
    return standIn;
  }

  get gitDir(): string {
    return join(this.folder, "git");
  }

  get stateDir(): string {
    return join(this.folder, "state");
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  service() {
    return createCodePipeline({
      endpoint: this.endpoint,
      accountId: "000000000000",
      region: "us-east-1",
      stateDir: this.stateDir,
      gitDir: this.gitDir,
      publish: (event) => this.events.push(event),
      assumeRole: async (roleArn) => {
        if (this.denied.has(roleArn)) throw new Error("no such role");
        return { accessKeyId: "a", secretAccessKey: "s", sessionToken: "t" };
      },
      log: (line) => this.log.push(line),
      onEvent: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    });
  }

  /** A call of somebody who may do what is not denied. */
  readonly call: Call = {
    requestId: "r",
    caller: { arn: "arn:aws:iam::000000000000:user/someone", accountId: "000000000000", region: "us-east-1" },
    authorize: async (action, resource) => {
      if (this.denied.has(action))
        throw new AwsError("AccessDeniedException", `not authorized: ${action} on ${resource}`);
    },
  };

  endBuild(id: string, build: StandInBuild): void {
    this.builds.set(id, build);
    const arn = `arn:aws:codebuild:us-east-1:000000000000:build/${id}`;
    for (const listener of [...this.listeners]) {
      listener({
        source: "aws.codebuild",
        detailType: "CodeBuild Build State Change",
        resources: [arn],
        detail: { "build-id": arn, "build-status": build.buildStatus },
        time: new Date(),
      });
    }
  }

  get listening(): number {
    return this.listeners.size;
  }

  /** Commits a file to a branch of acme/worker; answers with the commit's id. */
  async commit(file: string, branch = "main"): Promise<string> {
    const path = await ensureRepository(this.gitDir, "acme/worker", join(this.folder, "cloud.json"));
    const checkout = join(this.folder, "checkout");
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: checkout, stdio: ["ignore", "pipe", "ignore"] }).toString();
    mkdirSync(checkout, { recursive: true });
    git("init", "--quiet", "--initial-branch=main");
    writeFileSync(join(checkout, file), String(this.objects.size + Math.random()));
    git("add", "--all");
    git("-c", "user.name=D", "-c", "user.email=d@example.com", "commit", "--quiet", "--message", `add ${file}`);
    git("push", "--quiet", "--force", path, `HEAD:${branch}`);
    return git("rev-parse", "HEAD").trim();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private answer(method: string, url: string, target: string, body: Buffer): { status: number; body: string } {
    const form = new URLSearchParams(body.toString("utf8"));
    if (form.get("Action") === "SimulatePrincipalPolicy") {
      const decision = this.denied.has("UseConnection") ? "implicitDeny" : "allowed";
      const result = `<member><EvalActionName>a</EvalActionName><EvalDecision>${decision}</EvalDecision></member>`;
      return { status: 200, body: xml("SimulatePrincipalPolicy", `<EvaluationResults>${result}</EvaluationResults>`) };
    }
    if (form.get("Action") === "Publish") {
      this.published.push(form.get("Message") ?? "");
      return { status: 200, body: xml("Publish", "<MessageId>m-1</MessageId>") };
    }
    if (target.endsWith(".StartBuild")) {
      const request = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
      this.starts.push(request);
      const id = `${String(request["projectName"])}:${this.starts.length}`;
      this.builds.set(id, { buildStatus: "IN_PROGRESS" });
      return { status: 200, body: JSON.stringify({ build: { id, buildStatus: "IN_PROGRESS" } }) };
    }
    if (target.endsWith(".BatchGetBuilds")) {
      const { ids } = JSON.parse(body.toString("utf8")) as { ids: string[] };
      const builds = ids.flatMap((id) => (this.builds.has(id) ? [{ id, ...this.builds.get(id) }] : []));
      return { status: 200, body: JSON.stringify({ builds }) };
    }
    if (method === "PUT") {
      this.objects.set(decodeURIComponent(url.split("?")[0] ?? ""), body);
      return { status: 200, body: "" };
    }
    return { status: 400, body: "" };
  }
}

const xml = (operation: string, result: string): string =>
  `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;

/** Waits until something is so; the services under test act within milliseconds. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 4000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
