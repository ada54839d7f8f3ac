import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveryProjects } from "./deliveryProjects";
import type { Foundation } from "./foundation";
import type { InstallationNames, Place } from "./naming";
import type { Notifications } from "./notifications";
import type { ActionModel, ConfigurationValue, PipelineModel, Reference } from "./pipelineModel";
import { allow, policyToDeclare, serviceTrust, type PolicyStatement } from "./policies";
import type { SourceConnection } from "./sourceConnection";

export interface DeliveryPipelineArgs {
  readonly place: Place;
  readonly names: Pick<InstallationNames, "pipelineRole">;
  readonly model: PipelineModel;
  readonly foundation: Pick<Foundation, "artifacts" | "key">;
  readonly projects: DeliveryProjects;
  readonly notifications: Notifications;
  readonly connection: SourceConnection;
}

/** Renders the model as a CodePipeline with a role that may do exactly what its actions need. */
export class DeliveryPipeline extends pulumi.ComponentResource {
  readonly pipelineName: pulumi.Output<string>;
  readonly pipelineArn: pulumi.Output<string>;

  constructor(name: string, args: DeliveryPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:DeliveryPipeline", name, {}, opts);
    const { place, names, model, foundation, projects, notifications, connection } = args;
    const options = { parent: this };

    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: names.pipelineRole,
        description: `Executions of ${model.name}`,
        assumeRolePolicy: serviceTrust(place, "codepipeline", model.name),
      },
      options,
    );
    const policy = policyToDeclare(`${name}-rights`, pipelineStatements(args));
    const rights = new aws.iam.RolePolicy(
      `${name}-rights`,
      { role: role.name, name: "executions", policy: policy.json },
      options,
    );
    const references: Readonly<Record<Reference["reference"], pulumi.Output<string>>> = {
      connectionArn: connection.arn,
      approvalsTopicArn: notifications.topicArns.approvals,
    };
    const pipeline = new aws.codepipeline.Pipeline(
      `${name}-pipeline`,
      {
        name: model.name,
        pipelineType: "V2",
        executionMode: model.executionMode,
        roleArn: role.arn,
        artifactStores: [
          {
            type: "S3",
            location: foundation.artifacts.bucketName,
            encryptionKey: { type: "KMS", id: foundation.key.arn },
          },
        ],
        triggers: [
          {
            providerType: "CodeStarSourceConnection",
            gitConfiguration: {
              sourceActionName: model.trigger.sourceActionName,
              pushes: [{ branches: { includes: [model.trigger.branch] } }],
            },
          },
        ],
        stages: model.stages.map((stage) => ({
          name: stage.name,
          actions: stage.actions.map((action) => renderAction(action, references)),
        })),
      },
      // A new pipeline starts its first execution by itself: everything it uses must be there by then.
      { ...options, dependsOn: [rights, projects] },
    );

    this.pipelineName = pipeline.name;
    this.pipelineArn = pipeline.arn;
    this.registerOutputs({
      pipelineName: this.pipelineName,
      pipelineArn: this.pipelineArn,
      policyDocuments: policy.declared,
    });
  }
}

function pipelineStatements(args: DeliveryPipelineArgs): PolicyStatement[] {
  const { foundation, projects, notifications, connection } = args;
  const { artifacts, key } = foundation;
  return [
    connection.userStatement(),
    // CodePipeline looks at its artifact store before it uses it (CodePipeline user guide, "Manage the service role").
    allow(["s3:GetBucketLocation", "s3:GetBucketVersioning"], [artifacts.bucketArn]),
    allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [artifacts.objects("*")]),
    key.writerStatement("s3", "sns"),
    ...projects.runnerStatements(),
    notifications.publisherStatement("approvals"),
  ];
}

function renderAction(
  action: ActionModel,
  references: Readonly<Record<Reference["reference"], pulumi.Output<string>>>,
): aws.types.input.codepipeline.PipelineStageAction {
  const { name, category, provider, runOrder, namespace, inputArtifacts, outputArtifacts, timeoutInMinutes } = action;
  const value = (given: ConfigurationValue): pulumi.Input<string> =>
    typeof given === "string" ? given : references[given.reference];
  return {
    name,
    category,
    owner: "AWS",
    provider,
    version: "1",
    runOrder,
    ...(namespace === undefined ? {} : { namespace }),
    ...(inputArtifacts.length === 0 ? {} : { inputArtifacts: [...inputArtifacts] }),
    ...(outputArtifacts.length === 0 ? {} : { outputArtifacts: [...outputArtifacts] }),
    ...(timeoutInMinutes === undefined ? {} : { timeoutInMinutes }),
    configuration: Object.fromEntries(Object.entries(action.configuration).map(([key, given]) => [key, value(given)])),
  };
}
