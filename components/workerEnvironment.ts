import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../runtime/types";
import { DataBucket } from "./dataBucket";
import { EncryptionKey } from "./encryptionKey";
import type { Foundation } from "./foundation";
import { arn, environmentNames, iamArn, type EnvironmentNames, type Place } from "./naming";
import { allow, kept, policyToDeclare, type PolicyStatement } from "./policies";
import { boundaryStatements, infrastructureStatements } from "./workerRights";

/** The object that says which release is live. */
const POINTER_KEY = "current.json";

export interface WorkerEnvironmentArgs {
  readonly place: Place;
  readonly environment: Environment;
  readonly foundation: Pick<Foundation, "key" | "releases" | "state">;
  /** Refuse deletion of the pointer, of the key of the environment's state, and of the boundary its roles carry. */
  readonly protectData: boolean;
}

/** What the installation keeps for one environment of the worker, and what a deployment there may do. */
export class WorkerEnvironment extends pulumi.ComponentResource {
  readonly environment: Environment;
  readonly names: EnvironmentNames;
  readonly artifacts: DataBucket;
  /** What every role of the worker carries. */
  readonly boundaryArn: string;
  private readonly place: Place;
  private readonly foundation: WorkerEnvironmentArgs["foundation"];
  private readonly stateKey: EncryptionKey;

  constructor(name: string, args: WorkerEnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:WorkerEnvironment", name, {}, opts);
    const { place, environment, foundation, protectData } = args;
    this.place = place;
    this.environment = environment;
    this.foundation = foundation;
    this.names = environmentNames(place, environment);

    this.stateKey = new EncryptionKey(
      `${name}-state`,
      {
        place,
        alias: this.names.stateKeyAlias,
        description: `Secrets in the Pulumi state of ${this.names.worker}`,
        protectData,
      },
      { parent: this },
    );
    this.artifacts = new DataBucket(
      `${name}-artifacts`,
      { bucketName: this.names.artifactsBucket, keyArn: foundation.key.arn, protectData },
      { parent: this },
    );
    const boundary = policyToDeclare(`${name}-boundary`, boundaryStatements(place, this.names, this.releaseReads()));
    new aws.iam.Policy(
      `${name}-boundary`,
      {
        name: this.names.boundary,
        description: `The most that a role of ${this.names.worker} may do`,
        policy: boundary.json,
      },
      // IAM refuses to delete a boundary that a role of the worker still carries.
      { parent: this, ...kept(protectData) },
    );
    this.boundaryArn = iamArn(place, `policy/${this.names.boundary}`);
    this.registerOutputs({
      artifactsBucketName: this.artifacts.bucketName,
      policyDocuments: boundary.declared,
    });
  }

  /** To deploy here: pointer, state with its key, infrastructure, and jobs of the worker as canaries. */
  deployStatements(): PolicyStatement[] {
    const { state } = this.foundation;
    const { statePrefix } = this.names;
    return [
      ...this.pointerStatements(),
      state.listStatement(statePrefix, `${statePrefix}/*`),
      allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [state.objects(`${statePrefix}/.pulumi/*`)]),
      this.stateKey.secretsStatement(),
      this.jobStatement(),
      ...infrastructureStatements(this.place, this.names, this.boundaryArn),
    ];
  }

  /** To see which release is live, and to make another one live. */
  pointerStatements(): PolicyStatement[] {
    return [this.artifacts.listStatement(POINTER_KEY), this.artifacts.writerStatement(POINTER_KEY)];
  }

  /** To start jobs of the worker and to see how they end. */
  jobStatement(): PolicyStatement {
    return allow(
      ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
      [arn(this.place, "codebuild", `project/${this.names.worker}`)],
    );
  }

  /** To fetch the release that is live: pointer and release, and what decrypts both. */
  private releaseReads(): PolicyStatement[] {
    const { key, releases } = this.foundation;
    return [
      this.artifacts.readerStatement(POINTER_KEY),
      releases.readerStatement("releases/*"),
      key.readerStatement("s3"),
    ];
  }
}
