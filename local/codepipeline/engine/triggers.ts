/** Which pushes start a pipeline. */
import picomatch from "picomatch";
import { type ActionDeclaration, type Globs, type PipelineDeclaration } from "./declaration";

export interface Push {
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  /** Files that the push changed. */
  readonly files: readonly string[];
}

/**
 * The source actions of a pipeline that a push starts. Where a trigger names the action, its filters alone decide
 * (V2); else DetectChanges, which is on unless it is "false", decides by the action's own branch.
 */
export function startedBy(declaration: PipelineDeclaration, push: Push): readonly ActionDeclaration[] {
  const sources = declaration.stages[0]?.actions ?? [];
  return sources.filter((action) => {
    const configuration = action.configuration ?? {};
    if (configuration["FullRepositoryId"] !== push.repository) return false;
    const triggers = (declaration.triggers ?? []).filter((t) => t.gitConfiguration.sourceActionName === action.name);
    if (triggers.length > 0) {
      return triggers.some((t) => (t.gitConfiguration.push ?? []).some((filter) => matchesPush(filter, push)));
    }
    return configuration["DetectChanges"] !== "false" && configuration["BranchName"] === push.branch;
  });
}

type PushFilter = NonNullable<NonNullable<PipelineDeclaration["triggers"]>[number]["gitConfiguration"]["push"]>[number];

/** Branch and file filters must both match; a filter for tags says nothing about a branch. */
function matchesPush(filter: PushFilter, push: Push): boolean {
  if (filter.branches === undefined) return false;
  return (
    matches(filter.branches, push.branch) &&
    (filter.filePaths === undefined || push.files.some((file) => matches(filter.filePaths ?? {}, file)))
  );
}

/** Excludes win over includes, as on AWS. */
function matches(globs: Globs, text: string): boolean {
  const any = (patterns: readonly string[] = []) => patterns.some((pattern) => picomatch(pattern, { dot: true })(text));
  return (globs.includes === undefined || any(globs.includes)) && !any(globs.excludes);
}
