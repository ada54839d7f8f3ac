import { createCodeBuild } from "../codebuild";
import { type EventSink, type LocalService, type Surroundings } from "../services/contract";

/** What a service of the local cloud is given when it starts. */
export interface ServiceSurroundings extends Surroundings {
  /** Hears every event of the local cloud until the returned function is called. */
  onEvent(listener: EventSink): () => void;
}

/** A model in botocore's data under which a service answers. */
export interface ModelName {
  readonly service: string;
  readonly apiVersion: string;
}

export interface ServiceDefinition {
  /** The name of the service's state folder. */
  readonly name: string;
  readonly models: readonly ModelName[];
  create(surroundings: ServiceSurroundings): Promise<LocalService>;
}

/** The services that the local cloud has besides the emulator's, in the order in which they start. */
export const SERVICES: readonly ServiceDefinition[] = [
  { name: "codebuild", models: [{ service: "codebuild", apiVersion: "2016-10-06" }], create: createCodeBuild },
];
