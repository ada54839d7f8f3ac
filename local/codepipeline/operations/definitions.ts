/** Creating, changing, reading and deleting pipelines. */
import type {
  CreatePipelineInput,
  DeletePipelineInput,
  GetPipelineInput,
  ListPipelinesInput,
  UpdatePipelineInput,
} from "@aws-sdk/client-codepipeline";
import { AwsError, type Call } from "../../services/contract";
import { type PipelineDeclaration } from "../engine/declaration";
import { validate } from "../engine/validate";
import { decodeToken, page } from "../paging";
import { refusal } from "../server";
import { type Handlers, type OperationContext } from "./context";
import { addTags } from "./tags";

const DEFAULT_PAGE = 1000;

export function definitionOperations(context: OperationContext): Handlers {
  const { pipelines, surroundings, arn, ensureSources } = context;

  const check = async (declaration: PipelineDeclaration, call: Call) => {
    await call.authorize("iam:PassRole", declaration.roleArn);
    const refused = validate(declaration, surroundings.region);
    if (refused !== undefined) throw refusal(refused);
    await surroundings.assumeRole(declaration.roleArn, "codepipeline").catch((error: Error) => {
      throw new AwsError(
        "InvalidStructureException",
        `CodePipeline is not authorized to perform AssumeRole on role ${declaration.roleArn} (${error.message})`,
      );
    });
    await ensureSources(declaration);
  };

  return {
    async CreatePipeline(input, call) {
      const { pipeline, tags = [] } = input as CreatePipelineInput;
      const declaration = declarationOf(pipeline);
      const { name } = declaration;
      await call.authorize("codepipeline:CreatePipeline", arn(name));
      if (tags.length > 0) await call.authorize("codepipeline:TagResource", arn(name));
      if (pipelines.has(name)) throw nameInUse(name);
      await check(declaration, call);
      // The checks took time: another request may have been faster.
      if (pipelines.has(name)) throw nameInUse(name);
      pipelines.create(declaration, addTags({}, tags));
      // As on AWS, a new pipeline runs at once.
      pipelines.start(name, { trigger: { triggerType: "CreatePipeline", triggerDetail: call.caller.arn } });
      return { pipeline: pipelines.get(name).state.declaration, tags };
    },

    async UpdatePipeline(input, call) {
      const declaration = declarationOf((input as UpdatePipelineInput).pipeline);
      await call.authorize("codepipeline:UpdatePipeline", arn(declaration.name));
      pipelines.get(declaration.name);
      await check(declaration, call);
      pipelines.tell(declaration.name, { kind: "update", declaration });
      return { pipeline: pipelines.get(declaration.name).state.declaration };
    },

    async DeletePipeline(input, call) {
      const { name = "" } = input as DeletePipelineInput;
      await call.authorize("codepipeline:DeletePipeline", arn(name));
      if (pipelines.has(name)) await pipelines.remove(name);
      return {};
    },

    async GetPipeline(input, call) {
      const { name = "", version } = input as GetPipelineInput;
      await call.authorize("codepipeline:GetPipeline", arn(name));
      const { state } = pipelines.get(name);
      const pipeline = version === undefined ? state.declaration : pipelines.version(name, version);
      if (pipeline === undefined) {
        throw new AwsError("PipelineVersionNotFoundException", `Pipeline '${name}' has no version ${version ?? 0}.`);
      }
      return {
        pipeline,
        metadata: { pipelineArn: arn(name), created: new Date(state.createdAt), updated: new Date(state.updatedAt) },
      };
    },

    async ListPipelines(input, call) {
      const { nextToken, maxResults = DEFAULT_PAGE } = input as ListPipelinesInput;
      await call.authorize("codepipeline:ListPipelines", arn("*"));
      const [from] = decodeToken(nextToken) ?? [0];
      const names = pipelines.names().map((name, index) => ({ position: [index, 0] as const, item: name }));
      const found = page(names.slice(from), maxResults);
      return {
        pipelines: found.items.map((name) => {
          const { declaration, createdAt, updatedAt } = pipelines.get(name).state;
          return {
            name,
            version: declaration.version,
            pipelineType: declaration.pipelineType,
            executionMode: declaration.executionMode,
            created: new Date(createdAt),
            updated: new Date(updatedAt),
          };
        }),
        ...(found.nextToken === undefined ? {} : { nextToken: found.nextToken }),
      };
    },
  };
}

/** What AWS fills in: the version it counts itself, V1 and SUPERSEDED where nothing is said, runOrder 1. */
function declarationOf(pipeline: CreatePipelineInput["pipeline"]): PipelineDeclaration {
  const given = pipeline as PipelineDeclaration;
  return {
    ...given,
    stages: given.stages.map((stage) => ({
      ...stage,
      actions: stage.actions.map((action) => ({ ...action, runOrder: action.runOrder ?? 1 })),
    })),
    pipelineType: given.pipelineType ?? "V1",
    executionMode: given.executionMode ?? "SUPERSEDED",
    version: 1,
  };
}

const nameInUse = (name: string): AwsError =>
  new AwsError("PipelineNameInUseException", `A pipeline with the name '${name}' already exists.`);
