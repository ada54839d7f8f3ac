import { afterAll, expect, it } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EventBus } from "../../../../local/cloud/eventBus";
import { type AwsEvent } from "../../../../local/services/contract";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

const event = (execution: string): AwsEvent => ({
  source: "aws.codepipeline",
  detailType: "CodePipeline Pipeline Execution State Change",
  resources: ["arn:aws:codepipeline:us-east-1:000000000000:demo"],
  detail: { "execution-id": execution },
  time: new Date("2026-01-02T03:04:05.678Z"),
});

function busIn(directory: string): { bus: EventBus; file: string; log: string[] } {
  const log: string[] = [];
  const file = join(directory, "events.jsonl");
  const bus = new EventBus({ file, accountId: "000000000000", region: "us-east-1", log: (line) => log.push(line) });
  return { bus, file, log };
}

afterAll(removeTemporary);

it("keeps every event in its file, in order, as EventBridge would deliver it", async () => {
  const { bus, file } = busIn(temporaryFolder("bus"));
  for (const execution of ["1", "2", "3"]) bus.publish(event(execution));
  await bus.close();
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as { id: string; detail: { "execution-id": string } });
  expect(events.map(({ detail }) => detail["execution-id"])).toEqual(["1", "2", "3"]);
  expect(events[0]).toEqual({
    version: "0",
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    "detail-type": "CodePipeline Pipeline Execution State Change",
    source: "aws.codepipeline",
    account: "000000000000",
    time: "2026-01-02T03:04:05Z",
    region: "us-east-1",
    resources: ["arn:aws:codepipeline:us-east-1:000000000000:demo"],
    detail: { "execution-id": "1" },
  });
  expect(new Set(events.map(({ id }) => id)).size).toBe(3);
});

it("tells listeners at once, until they stop listening", async () => {
  const { bus } = busIn(temporaryFolder("bus"));
  const heard: string[] = [];
  const stopFirst = bus.subscribe(({ detail }) => heard.push(`first ${String(detail["execution-id"])}`));
  bus.subscribe(({ detail }) => heard.push(`second ${String(detail["execution-id"])}`));
  bus.publish(event("1"));
  stopFirst();
  bus.publish(event("2"));
  expect(heard).toEqual(["first 1", "second 1", "second 2"]);
  await bus.close();
  bus.publish(event("3"));
  expect(heard).toHaveLength(3);
});

it("survives a listener that throws, and says so", async () => {
  const { bus, log } = busIn(temporaryFolder("bus"));
  const heard: AwsEvent[] = [];
  bus.subscribe(() => {
    throw new Error("broken");
  });
  bus.subscribe((received) => heard.push(received));
  bus.publish(event("1"));
  expect(heard).toEqual([event("1")]);
  expect(log).toEqual([
    "a listener failed on aws.codepipeline CodePipeline Pipeline Execution State Change: Error: broken",
  ]);
  await bus.close();
});

it("says when an event cannot be kept, and goes on", async () => {
  const { bus, log } = busIn(join(temporaryFolder("bus"), "missing"));
  bus.publish(event("1"));
  await bus.close();
  expect(log).toEqual([expect.stringContaining("ENOENT")]);
});
