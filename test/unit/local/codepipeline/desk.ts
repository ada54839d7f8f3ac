/** The service and the AWS around it, opened anew for each test of the file that calls `openDesk`. */
import { afterAll, afterEach, beforeEach } from "@jest/globals";
import { type StageDeclaration } from "../../../../local/codepipeline/engine/declaration";
import { type LocalService } from "../../../../local/services/contract";
import { removeTemporary } from "../../../support/temporary";
import { build, declare, source } from "./engine/world";
import { eventually, StandIn } from "./standIn";

export type Reply = Record<string, unknown>;

export let aws: StandIn;
export let service: LocalService & { pushed(p: { repository: string; branch: string; commit: string }): Promise<void> };

export function openDesk(): void {
  beforeEach(async () => {
    aws = await StandIn.open();
    service = await aws.service();
  });
  afterEach(async () => {
    await service.stop();
    await aws.close();
  });
  afterAll(removeTemporary);
}

/** Ends the service and starts it again on what it left. */
export async function restart(between: () => void = () => undefined): Promise<void> {
  await service.stop();
  between();
  service = await aws.service();
}

export async function invoke(operation: string, input: object): Promise<Reply> {
  return (await service.handle(operation, input, aws.call)) as Reply;
}

export async function create(stages: readonly StageDeclaration[], change = {}): Promise<void> {
  const pipeline = declare({ stages: [{ name: "Source", actions: [source("Source")] }, ...stages], ...change });
  await invoke("CreatePipeline", { pipeline });
}

/** A pipeline whose build has been started, and is being followed. */
export async function toBuild(): Promise<void> {
  await aws.commit("a.txt");
  await create([{ name: "Build", actions: [build("Build", { configuration: { ProjectName: "make" } })] }]);
  await eventually(() => aws.builds.get("make:1"));
  await eventually(() => (aws.listening > 0 ? true : undefined));
}

export const begin = (sourceRevisions: object[]) =>
  invoke("StartPipelineExecution", { name: "delivery", sourceRevisions });

export interface Latest {
  readonly pipelineExecutionId: string;
  readonly status: string;
  readonly sourceRevisions?: { revisionId: string }[];
}

export async function latest(): Promise<Latest> {
  const { pipelineExecutionSummaries } = await invoke("ListPipelineExecutions", { pipelineName: "delivery" });
  const [first] = pipelineExecutionSummaries as Latest[];
  if (first === undefined) throw new Error("nothing ran");
  return first;
}

export async function action(stage: string, name: string): Promise<Reply> {
  const { stageStates } = await invoke("GetPipelineState", { name: "delivery" });
  const states = stageStates as {
    stageName: string;
    actionStates: { actionName: string; latestExecution?: Reply }[];
  }[];
  const found = states.find((s) => s.stageName === stage)?.actionStates.find((a) => a.actionName === name);
  return found?.latestExecution ?? {};
}

export async function failure(stage: string, name: string, code?: string): Promise<unknown> {
  return eventually(async () => {
    const { status, errorDetails } = await action(stage, name);
    const wanted = code === undefined || (errorDetails as { code?: string } | undefined)?.code === code;
    return status === "Failed" && wanted ? errorDetails : undefined;
  });
}
