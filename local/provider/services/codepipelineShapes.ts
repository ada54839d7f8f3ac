/** A pipeline's definition between Pulumi's and CodePipeline's words. */

import type {
  ActionDeclaration,
  Condition,
  GitConfiguration,
  PipelineDeclaration,
  PipelineTriggerDeclaration,
  StageDeclaration,
} from "@aws-sdk/client-codepipeline";
import type { Unwrap } from "@pulumi/pulumi";
import type { PipelineArgs } from "@pulumi/aws/codepipeline";
import type { input } from "@pulumi/aws/types";
import { present } from "../values";

type Stage = Unwrap<input.codepipeline.PipelineStage>;
type Action = Unwrap<input.codepipeline.PipelineStageAction>;
type Trigger = Unwrap<input.codepipeline.PipelineTrigger>;
/** The conditions of all three moments have one form. */
type GivenCondition = Unwrap<input.codepipeline.PipelineStageOnFailureCondition>;

const named = (names: readonly string[] | undefined): { name: string }[] => (names ?? []).map((name) => ({ name }));
const namesOf = (items: readonly { name?: string | undefined }[] | undefined): string[] | undefined =>
  items?.length ? items.map(({ name }) => name ?? "") : undefined;

export function declaration(inputs: Unwrap<PipelineArgs>): PipelineDeclaration {
  const stores = inputs.artifactStores.map(({ location, type, encryptionKey, region }) => ({
    region,
    store: { location, type, encryptionKey },
  }));
  const several = stores.length > 1 || stores[0]?.region !== undefined;
  const words = {
    name: inputs.name,
    roleArn: inputs.roleArn,
    pipelineType: inputs.pipelineType ?? "V1",
    executionMode: inputs.executionMode ?? "SUPERSEDED",
    ...(several
      ? { artifactStores: Object.fromEntries(stores.map(({ region, store }) => [region ?? "", store])) }
      : { artifactStore: stores[0]?.store }),
    stages: inputs.stages.map(toStage),
    triggers: inputs.triggers?.map(toTrigger),
    variables: inputs.variables,
  };
  return words as PipelineDeclaration;
}

function toStage(stage: Stage): unknown {
  const { beforeEntry, onFailure, onSuccess } = stage;
  return {
    name: stage.name,
    actions: stage.actions.map(toAction),
    beforeEntry: beforeEntry && { conditions: [toCondition(beforeEntry.condition)] },
    onSuccess: onSuccess && { conditions: [toCondition(onSuccess.condition)] },
    onFailure: onFailure && {
      result: onFailure.result,
      retryConfiguration: onFailure.retryConfiguration,
      conditions: onFailure.condition && [toCondition(onFailure.condition)],
    },
  };
}

function toAction(action: Action): unknown {
  const { category, owner, provider, version } = action;
  return {
    name: action.name,
    actionTypeId: { category, owner, provider, version },
    runOrder: action.runOrder ?? 1,
    configuration: action.configuration,
    commands: action.commands,
    inputArtifacts: named(action.inputArtifacts),
    outputArtifacts: named(action.outputArtifacts),
    outputVariables: action.outputVariables,
    namespace: action.namespace,
    region: action.region,
    roleArn: action.roleArn,
    timeoutInMinutes: action.timeoutInMinutes,
  };
}

function toCondition({ result, rules }: GivenCondition): unknown {
  return {
    result,
    rules: rules.map((rule) => ({
      ...rule,
      ruleTypeId: {
        ...rule.ruleTypeId,
        owner: rule.ruleTypeId.owner ?? "AWS",
        version: rule.ruleTypeId.version ?? "1",
      },
      inputArtifacts: rule.inputArtifacts && named(rule.inputArtifacts),
    })),
  };
}

function toTrigger({ providerType, gitConfiguration }: Trigger): unknown {
  const { sourceActionName, pushes, pullRequests } = gitConfiguration;
  return { providerType, gitConfiguration: { sourceActionName, push: pushes, pullRequest: pullRequests } };
}

/** The live definition in the words of the inputs. */
export function live(found: PipelineDeclaration): Record<string, unknown> {
  const single = found.artifactStore === undefined ? [] : [found.artifactStore];
  const regional = Object.entries(found.artifactStores ?? {}).map(([region, store]) => ({ ...store, region }));
  return {
    name: found.name,
    roleArn: found.roleArn,
    pipelineType: found.pipelineType,
    executionMode: found.executionMode,
    artifactStores: [...single, ...regional],
    stages: found.stages?.map(fromStage),
    triggers: found.triggers?.length ? found.triggers.map(fromTrigger) : undefined,
    variables: found.variables,
  };
}

function fromStage(stage: StageDeclaration): unknown {
  const { beforeEntry, onFailure, onSuccess } = stage;
  return present({
    name: stage.name,
    actions: stage.actions?.map(fromAction),
    beforeEntry: beforeEntry && { condition: fromCondition(beforeEntry.conditions?.[0]) },
    onSuccess: onSuccess && { condition: fromCondition(onSuccess.conditions?.[0]) },
    onFailure:
      onFailure &&
      present({
        result: onFailure.result,
        retryConfiguration: onFailure.retryConfiguration,
        condition: fromCondition(onFailure.conditions?.[0]),
      }),
  });
}

function fromAction(action: ActionDeclaration): unknown {
  return present({
    name: action.name,
    ...action.actionTypeId,
    runOrder: action.runOrder ?? 1,
    configuration: action.configuration,
    commands: action.commands,
    inputArtifacts: namesOf(action.inputArtifacts),
    outputArtifacts: namesOf(action.outputArtifacts),
    outputVariables: action.outputVariables,
    namespace: action.namespace,
    region: action.region,
    roleArn: action.roleArn,
    timeoutInMinutes: action.timeoutInMinutes,
  });
}

function fromCondition(condition: Condition | undefined): unknown {
  return (
    condition &&
    present({
      result: condition.result,
      rules: condition.rules?.map((rule) => present({ ...rule, inputArtifacts: namesOf(rule.inputArtifacts) })),
    })
  );
}

function fromTrigger({ providerType, gitConfiguration }: PipelineTriggerDeclaration): unknown {
  const { sourceActionName, push, pullRequest }: Partial<GitConfiguration> = gitConfiguration ?? {};
  return { providerType, gitConfiguration: present({ sourceActionName, pushes: push, pullRequests: pullRequest }) };
}
