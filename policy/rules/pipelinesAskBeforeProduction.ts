import { type Declared } from "../program";
import { type Rule } from "../rule";
import { at, isText, judgeEach, listOf, notKnown } from "../settings";
import { UNKNOWN } from "../values";

const PIPELINE = "aws:codepipeline/pipeline:Pipeline";
/** What may run before somebody has said yes is called a plan: it looks, and changes nothing. */
const PLAN = /^(Plan|plan|Preview|preview)([^a-z]|$)/;
const PLANNERS = ["Build", "Test"];
const WHY = "a plan of the stage must show who is asked before what";

const action = (name: string, category: string, provider: string, runOrder: number) => ({
  name,
  category,
  owner: "AWS",
  provider,
  version: "1",
  runOrder,
  ...(provider === "CodeBuild" ? { inputArtifacts: ["Source"], configuration: { ProjectName: "kiro-deploy" } } : {}),
});
const pipeline = (...production: readonly object[]) => ({
  type: PIPELINE,
  name: "delivery",
  props: {
    name: "kiro-delivery",
    pipelineType: "V2",
    roleArn: "arn:aws:iam::000000000000:role/kiro-delivery",
    artifactStores: [{ type: "S3", location: "kiro-artifacts-000000000000" }],
    stages: [
      {
        name: "Source",
        actions: [
          {
            ...action("Source", "Source", "S3", 1),
            outputArtifacts: ["Source"],
            configuration: { S3Bucket: "kiro-artifacts-000000000000", S3ObjectKey: "source.zip" },
          },
        ],
      },
      { name: "Production", actions: production },
    ],
  },
});

export const pipelinesAskBeforeProduction: Rule = {
  name: "pipelines-ask-before-production",
  sentence:
    "A pipeline is of type V2, and in a stage with prod in its name a manual approval comes before everything but a plan.",
  harm: "What nobody looked at reaches production.",
  judge: (program) =>
    judgeEach(program.ofType(PIPELINE), (one) => [...typeFaults(one), ...stagesOf(one).flatMap(stageFaults)]),
  examples: {
    passing: [
      pipeline(
        action("Plan", "Build", "CodeBuild", 1),
        action("Approve", "Approval", "Manual", 2),
        action("Deploy", "Build", "CodeBuild", 3),
      ),
    ],
    failing: [pipeline(action("Deploy", "Build", "CodeBuild", 1), action("Approve", "Approval", "Manual", 2))],
  },
};

function typeFaults({ props: { pipelineType } }: Declared): string[] {
  return pipelineType === "V2" ? [] : ["set pipelineType to V2: AWS makes a V1 where nothing is said"];
}

const stagesOf = ({ props: { stages } }: Declared): readonly unknown[] => listOf(stages) ?? [UNKNOWN];

function stageFaults(stage: unknown): string[] {
  const name = at(stage, "name");
  if (!isText(name)) return [notKnown("the name of a stage", "write it in the program", WHY)];
  if (!/prod/i.test(name)) return [];

  const actions = listOf(at(stage, "actions"))?.map(readAction);
  if (actions?.every((one) => one !== undefined) !== true)
    return [notKnown(`what runs in stage ${name}`, "write name, category and runOrder of its actions", WHY)];
  const approved = Math.min(...actions.filter(isApproval).map(({ runOrder }) => runOrder));
  if (approved === Infinity) return [`give stage ${name} a Manual Approval action before its deployment`];
  return actions
    .filter((one) => !isApproval(one) && one.runOrder <= approved && !isPlan(one))
    .map(
      (one) => `give ${one.name} in stage ${name} a runOrder above that of the approval, or call it Plan if it is one`,
    );
}

interface Action {
  readonly name: string;
  readonly category: string;
  readonly provider: string;
  readonly runOrder: number;
}

/** An action; undefined when something that decides is not known. */
function readAction(value: unknown): Action | undefined {
  const [name, category, provider] = ["name", "category", "provider"].map((key) => at(value, key));
  const runOrder = at(value, "runOrder") ?? 1;
  if (!isText(name) || !isText(category) || !isText(provider) || typeof runOrder !== "number") return undefined;
  return { name, category, provider, runOrder };
}

const isApproval = ({ category, provider }: Action): boolean => category === "Approval" && provider === "Manual";

const isPlan = ({ name, category }: Action): boolean => PLANNERS.includes(category) && PLAN.test(name);
