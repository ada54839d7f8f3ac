/** The action types that are served, and what AWS's action structure reference demands of each. */
import { type ActionDeclaration, type ActionTypeId } from "./declaration";

export interface ActionType {
  readonly categories: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly inputs: { readonly min: number; readonly max: number };
  readonly outputs: { readonly min: number; readonly max: number };
}

const TYPES: Readonly<Record<string, ActionType>> = {
  CodeStarSourceConnection: {
    categories: ["Source"],
    required: ["ConnectionArn", "FullRepositoryId", "BranchName"],
    optional: ["OutputArtifactFormat", "DetectChanges"],
    inputs: { min: 0, max: 0 },
    outputs: { min: 1, max: 1 },
  },
  CodeBuild: {
    categories: ["Build", "Test"],
    required: ["ProjectName"],
    optional: ["PrimarySource", "EnvironmentVariables", "BatchEnabled", "CombineArtifacts"],
    // AWS takes up to 5 of each; secondary sources and artifacts are not served locally.
    inputs: { min: 1, max: 1 },
    outputs: { min: 0, max: 1 },
  },
  Manual: {
    categories: ["Approval"],
    required: [],
    optional: ["NotificationArn", "CustomData", "ExternalEntityLink"],
    inputs: { min: 0, max: 0 },
    outputs: { min: 0, max: 0 },
  },
};

/** The type of an action, or why it has none here. */
export function actionTypeOf({ category, owner, provider, version }: ActionTypeId): ActionType | string {
  const type = Object.hasOwn(TYPES, provider) ? TYPES[provider] : undefined;
  if (type === undefined || owner !== "AWS" || version !== "1" || !type.categories.includes(category)) {
    const served = Object.entries(TYPES).map(([name, t]) => t.categories.map((c) => `${c}/AWS/${name}/1`).join(", "));
    return `action type ${category}/${owner}/${provider}/${version} is not served locally. Served: ${served.join(", ")}`;
  }
  return type;
}

/** What is wrong with an action's configuration and artifacts, by itself; one sentence each. */
export function actionProblems(action: ActionDeclaration, type: ActionType): readonly string[] {
  const configuration = action.configuration ?? {};
  const known = [...type.required, ...type.optional];
  const problems = [
    ...type.required
      .filter((key) => (configuration[key] ?? "") === "")
      .map((key) => `Action configuration for action '${action.name}' is missing required configuration '${key}'`),
    ...Object.keys(configuration)
      .filter((key) => !known.includes(key))
      .map((key) => `Action configuration for action '${action.name}' contains unknown configuration '${key}'`),
    ...count(action, "input", action.inputArtifacts?.length ?? 0, type.inputs),
    ...count(action, "output", action.outputArtifacts?.length ?? 0, type.outputs),
  ];
  const { OutputArtifactFormat: format, BatchEnabled: batch, EnvironmentVariables: variables } = configuration;
  if (format !== undefined && format !== "CODE_ZIP" && format !== "CODEBUILD_CLONE_REF") {
    problems.push(`Action '${action.name}': OutputArtifactFormat is CODE_ZIP or CODEBUILD_CLONE_REF, not '${format}'`);
  }
  if (batch === "true") problems.push(`Action '${action.name}': batch builds are not served locally`);
  if (variables !== undefined && !isJsonList(variables)) {
    problems.push(`Action '${action.name}': EnvironmentVariables is not a JSON list`);
  }
  return problems;
}

function count(
  action: ActionDeclaration,
  kind: "input" | "output",
  found: number,
  { min, max }: { min: number; max: number },
): readonly string[] {
  if (found < min)
    return [`Action ${action.name} has ${found} ${kind} artifacts which is less than the minimum count of ${min}`];
  if (found > max)
    return [`Action ${action.name} has ${found} ${kind} artifacts which is more than the maximum count of ${max}`];
  return [];
}

function isJsonList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
