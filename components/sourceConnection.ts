import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ONE_PLACE } from "./config";
import type { Place } from "./naming";
import { allow, type PolicyStatement } from "./policies";

export interface SourceConnectionArgs {
  readonly place: Place;
  readonly connectionName: string;
  /** Use this one. Default: create a connection, which stays pending until a person accepts it in the console. */
  readonly connectionArn?: string | undefined;
}

/** How the pipeline reaches the worker's repository on GitHub. */
export class SourceConnection extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  private readonly service: string;

  constructor(name: string, args: SourceConnectionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:SourceConnection", name, {}, opts);
    const { place, connectionName, connectionArn } = args;
    if (connectionArn === undefined) {
      const connection = new aws.codeconnections.Connection(
        `${name}-github`,
        { name: connectionName, providerType: "GitHub" },
        { parent: this },
      );
      this.arn = connection.arn;
    } else {
      requireOwnPlace(connectionArn, place, this);
      this.arn = pulumi.output(connectionArn);
    }
    // A connection made before the service was renamed answers to its old name only.
    this.service = connectionArn?.split(":")[2] ?? "codeconnections";
    this.registerOutputs({ arn: this.arn });
  }

  /** To read the repository through the connection. */
  userStatement(): PolicyStatement {
    return allow([`${this.service}:UseConnection`], [this.arn]);
  }
}

function requireOwnPlace(connectionArn: string, place: Place, resource: pulumi.Resource): void {
  const [, , , region, accountId] = connectionArn.split(":");
  if (region !== place.region || accountId !== place.accountId) {
    throw new pulumi.ResourceError(
      `connectionArn is in account ${accountId}, region ${region}, the installation in account ${place.accountId}, ` +
        `region ${place.region}: ${ONE_PLACE}; name a connection there, or none to have one created`,
      resource,
    );
  }
}
