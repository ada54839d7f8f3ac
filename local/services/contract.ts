/** What a locally served AWS service is, to the gateway that hosts it, and what the gateway gives it. */

/** An AWS service exception: `code` is the exception name of the service model, e.g. `PipelineNotFoundException`. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the exception, in the model's names. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = code;
  }
}

/** Who signed the request, as the emulator's IAM resolved the signature. */
export interface Caller {
  /** `arn:aws:sts::…:assumed-role/ROLE/SESSION`, a user, or the root of the account. */
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
}

export interface Call {
  readonly requestId: string;
  readonly caller: Caller;
  /**
   * Asks the emulator's IAM whether the caller may do `action` (`codebuild:StartBuild`) on `resourceArn`.
   * @throws AwsError `AccessDeniedException` that names principal, action and resource.
   */
  authorize(action: string, resourceArn: string): Promise<void>;
}

/** One AWS service. Input was validated against the service model; output is shaped by it (Date for timestamps). */
export interface LocalService {
  /** Folder of the service in botocore's data, e.g. `codepipeline`. */
  readonly name: string;
  readonly apiVersion: string;
  /** The only operations that it serves; the emulator gets every other one. All of them when absent. */
  readonly operations?: readonly string[];
  handle(operation: string, input: unknown, call: Call): Promise<unknown>;
  /** Ends everything the service started; resolves when all of it is gone. */
  stop(): Promise<void>;
}

/** What AWS would put on the default event bus; the relay delivers it. */
export interface AwsEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  readonly time: Date;
}

export type EventSink = (event: AwsEvent) => void;

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What every local service may use of its surroundings. */
export interface Surroundings {
  /** The gateway's address, `http://127.0.0.1:PORT`: the only endpoint for anyone. */
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
  /** Folder of the service's own state and working files, under `.local/cloud/`. Exists. */
  readonly stateDir: string;
  /** Folder of bare git repositories: `{gitDir}/{owner}/{repo}.git`. */
  readonly gitDir: string;
  readonly publish: EventSink;
  /** A session of `roleArn`, by STS, as the AWS service itself would get it. Cached until shortly before it expires. */
  assumeRole(roleArn: string, sessionName: string): Promise<AwsCredentials>;
  /** One line into the cloud's log. */
  log(message: string): void;
}
