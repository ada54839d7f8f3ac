/** Whether a declaration is a pipeline at all, as CreatePipeline and UpdatePipeline check it. Pure. */
import { actionProblems, actionTypeOf } from "./actionTypes";
import { type ActionDeclaration, type PipelineDeclaration, runOrderOf, type StageDeclaration } from "./declaration";
import { type Refusal } from "./events";
import { namespaceOf, referencesIn } from "./variables";

/** The first thing wrong, with AWS's exception name, or undefined. What only AWS can do is refused in so many words. */
export function validate(declaration: PipelineDeclaration, region: string): Refusal | undefined {
  return (
    first("ValidationException", validationProblems(declaration)) ??
    first("InvalidStructureException", structureProblems(declaration)) ??
    first("InvalidStageDeclarationException", stageProblems(declaration)) ??
    first(
      "InvalidActionDeclarationException",
      declaration.stages.flatMap((s) => actionsOf(s, region)),
    ) ??
    first("InvalidActionDeclarationException", namespaceProblems(declaration)) ??
    first("InvalidStructureException", artifactProblems(declaration)) ??
    first("InvalidStructureException", triggerProblems(declaration))
  );
}

function first(code: string, problems: readonly string[]): Refusal | undefined {
  const [message] = problems;
  return message === undefined ? undefined : { code, message };
}

function validationProblems(pipeline: PipelineDeclaration): readonly string[] {
  const problems: string[] = [];
  if (pipeline.executionMode === "PARALLEL") {
    problems.push("executionMode PARALLEL is not served locally; SUPERSEDED and QUEUED are.");
  }
  if (pipeline.executionMode === "QUEUED" && pipeline.pipelineType !== "V2") {
    problems.push("Execution mode QUEUED needs a pipeline of type V2.");
  }
  if ((pipeline.triggers ?? []).length > 0 && pipeline.pipelineType !== "V2") {
    problems.push("Triggers need a pipeline of type V2.");
  }
  if ((pipeline.variables ?? []).length > 0 && pipeline.pipelineType !== "V2") {
    problems.push("Pipeline variables need a pipeline of type V2.");
  }
  return problems;
}

function structureProblems({ stages, artifactStore, artifactStores }: PipelineDeclaration): readonly string[] {
  const problems: string[] = [];
  if (stages.length < 2) {
    problems.push(`Pipeline has only ${stages.length} stage(s). There should be a minimum of 2 stages in a pipeline`);
  }
  if (artifactStores !== undefined) {
    problems.push("artifactStores (actions in several regions) is not served locally: declare one artifactStore");
  } else if (artifactStore === undefined) {
    problems.push("Pipeline has no artifactStore");
  }
  const [head, ...rest] = stages;
  const isSource = (action: ActionDeclaration) => action.actionTypeId.category === "Source";
  if (head !== undefined && (head.actions.length === 0 || !head.actions.every(isSource))) {
    problems.push("Pipeline should start with a stage that only contains source actions");
  }
  if (rest.some((stage) => stage.actions.some(isSource))) {
    problems.push("Pipeline has source actions after the first stage: only the first stage may contain source actions");
  }
  return problems;
}

function stageProblems({ stages }: PipelineDeclaration): readonly string[] {
  return [
    ...repeated(stages.map((s) => s.name)).map((name) => `Stage name ${name} occurs more than once in the pipeline`),
    ...stages.flatMap((stage) => [
      ...(stage.actions.length === 0 ? [`Stage ${stage.name} contains no actions`] : []),
      ...repeated(stage.actions.map((a) => a.name)).map(
        (a) => `Action name ${a} occurs more than once in ${stage.name}`,
      ),
      ...notServed(stage),
    ]),
  ];
}

function notServed(stage: StageDeclaration): readonly string[] {
  const parts: readonly (keyof StageDeclaration)[] = ["onFailure", "onSuccess", "beforeEntry"];
  const used: string[] = parts.filter((part) => stage[part] !== undefined);
  if ((stage.blockers ?? []).length > 0) used.push("blockers");
  return used.map((part) => `Stage ${stage.name} declares ${part}, which is not served locally`);
}

function actionsOf(stage: StageDeclaration, region: string): readonly string[] {
  return stage.actions.flatMap((action) => {
    const type = actionTypeOf(action.actionTypeId);
    if (typeof type === "string") return [`Action ${stage.name}/${action.name}: ${type}`];
    const problems = [...actionProblems(action, type)];
    if (action.roleArn !== undefined) problems.push(`Action ${action.name}: a role of its own is not served locally`);
    if (action.region !== undefined && action.region !== region) {
      problems.push(`Action ${action.name}: region ${action.region} is not served locally, only ${region}`);
    }
    if (action.timeoutInMinutes !== undefined && action.actionTypeId.category !== "Approval") {
      problems.push(`Action ${action.name}: timeoutInMinutes is for approval actions only`);
    }
    return problems;
  });
}

/** Namespaces occur once, and what is read belongs to an action that has run by then. */
function namespaceProblems({ stages }: PipelineDeclaration): readonly string[] {
  const problems: string[] = [];
  const known = new Set(["codepipeline", "variables"]);
  for (const stage of stages) {
    for (const actions of byRunOrder(stage)) {
      for (const action of actions) {
        const missing = referencesIn(action.configuration ?? {})
          .map((reference) => namespaceOf(reference) ?? reference)
          .filter((namespace) => !known.has(namespace));
        if (missing.length > 0) {
          problems.push(
            "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period " +
              `(.). The following pipeline execution variables are referencing a namespace that does not exist. ` +
              `StageName=[${stage.name}], ActionName=[${action.name}], Namespace=[${missing.join(", ")}]`,
          );
        }
      }
      for (const { name, namespace } of actions) {
        if (namespace === undefined) continue;
        if (known.has(namespace)) {
          problems.push(
            "Namespaces must be unique across the pipeline definition. The following occur more than once in the " +
              `pipeline. StageName=[${stage.name}], ActionName=[${name}], Namespace=[${namespace}]`,
          );
        }
        known.add(namespace);
      }
    }
  }
  return problems;
}

/** Every artifact is made once, and read only by actions that come after its maker. */
function artifactProblems({ stages }: PipelineDeclaration): readonly string[] {
  const problems: string[] = [];
  const made = new Set<string>();
  for (const stage of stages) {
    for (const actions of byRunOrder(stage)) {
      for (const { name, inputArtifacts = [] } of actions) {
        for (const input of inputArtifacts.filter((a) => !made.has(a.name))) {
          problems.push(
            `Input artifact ${input.name} of action ${stage.name}/${name} is not the output of an earlier action`,
          );
        }
      }
      for (const output of actions.flatMap((a) => a.outputArtifacts ?? [])) {
        if (made.has(output.name))
          problems.push(`Output artifact name must be unique within the pipeline. ${output.name}`);
        made.add(output.name);
      }
    }
  }
  return problems;
}

function triggerProblems({ stages, triggers = [] }: PipelineDeclaration): readonly string[] {
  const sources = (stages[0]?.actions ?? []).map((a) => a.name);
  return triggers.flatMap(({ gitConfiguration: git }) => [
    ...(sources.includes(git.sourceActionName)
      ? []
      : [`Trigger names the source action ${git.sourceActionName}, which the pipeline does not have`]),
    ...((git.pullRequest ?? []).length > 0 ? ["Pull request triggers are not served locally"] : []),
    ...((git.push ?? []).some((p) => p.tags !== undefined) ? ["Tag triggers are not served locally"] : []),
  ]);
}

function byRunOrder(stage: StageDeclaration): readonly (readonly ActionDeclaration[])[] {
  const orders = [...new Set(stage.actions.map(runOrderOf))].sort((a, b) => a - b);
  return orders.map((order) => stage.actions.filter((a) => runOrderOf(a) === order));
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
