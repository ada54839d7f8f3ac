import { createCodeBuild } from "../codebuild";
import { createCodeConnections } from "../codeconnections";
import { createCodePipeline } from "../codepipeline";
import { createOpsCenter } from "../opscenter";
import { type EventSink, type LocalService, type Surroundings } from "../services/contract";

/** What a service of the local cloud is given when it starts. */
export interface ServiceSurroundings extends Surroundings {
  /** Hears every event of the local cloud until the returned function is called. */
  onEvent(listener: EventSink): () => void;
}

/** A model in botocore's data under which a service answers. */
interface ModelName {
  readonly service: string;
  readonly apiVersion: string;
}

export interface ServiceDefinition {
  /** The name of the service's state folder. */
  readonly name: string;
  readonly models: readonly ModelName[];
  create(surroundings: ServiceSurroundings): Promise<LocalService>;
}

/**
 * The services that the local cloud has besides the emulator's, in the order in which they start; they stop in the
 * reverse one, so that no pipeline starts a build that nobody would run.
 */
export const SERVICES: readonly ServiceDefinition[] = [
  {
    name: "codeconnections",
    // The older name is what the AWS CLI's `codestar-connections` and older SDKs speak; the operations are the same.
    models: [
      { service: "codeconnections", apiVersion: "2023-12-01" },
      { service: "codestar-connections", apiVersion: "2019-12-01" },
    ],
    create: createCodeConnections,
  },
  // The operations on OpsItems alone; the emulator serves the rest of SSM.
  { name: "opscenter", models: [{ service: "ssm", apiVersion: "2014-11-06" }], create: createOpsCenter },
  { name: "codebuild", models: [{ service: "codebuild", apiVersion: "2016-10-06" }], create: createCodeBuild },
  { name: "codepipeline", models: [{ service: "codepipeline", apiVersion: "2015-07-09" }], create: createCodePipeline },
];
