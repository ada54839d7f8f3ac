/** Tags of pipelines. */
import type { ListTagsForResourceInput, Tag, TagResourceInput, UntagResourceInput } from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../services/contract";
import { type Handlers, type OperationContext } from "./context";

/** AWS's limit of tags per resource. */
const MOST_TAGS = 50;

export function tagOperations({ pipelines, arn }: OperationContext): Handlers {
  const nameOf = (resourceArn: string): string => {
    const prefix = arn("");
    if (!resourceArn.startsWith(prefix)) {
      throw new AwsError("InvalidArnException", `${resourceArn} is not the ARN of a pipeline.`);
    }
    const name = resourceArn.slice(prefix.length);
    if (pipelines.has(name)) return name;
    throw new AwsError("ResourceNotFoundException", `There is no pipeline ${resourceArn}.`);
  };

  return {
    async TagResource(input, call) {
      const { resourceArn = "", tags = [] } = input as TagResourceInput;
      await call.authorize("codepipeline:TagResource", resourceArn);
      const name = nameOf(resourceArn);
      pipelines.setTags(name, addTags(pipelines.get(name).tags, tags));
      return {};
    },

    async UntagResource(input, call) {
      const { resourceArn = "", tagKeys = [] } = input as UntagResourceInput;
      await call.authorize("codepipeline:UntagResource", resourceArn);
      const name = nameOf(resourceArn);
      const kept = Object.entries(pipelines.get(name).tags).filter(([key]) => !tagKeys.includes(key));
      pipelines.setTags(name, Object.fromEntries(kept));
      return {};
    },

    async ListTagsForResource(input, call) {
      const { resourceArn = "" } = input as ListTagsForResourceInput;
      await call.authorize("codepipeline:ListTagsForResource", resourceArn);
      const { tags } = pipelines.get(nameOf(resourceArn));
      return { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
    },
  };
}

/** @throws AwsError TooManyTagsException, InvalidTagsException for a key of AWS's own. */
export function addTags(
  tags: Readonly<Record<string, string>>,
  added: readonly Tag[],
): Readonly<Record<string, string>> {
  const reserved = added.find((tag) => tag.key?.toLowerCase().startsWith("aws:"));
  if (reserved) throw new AwsError("InvalidTagsException", `Tag keys must not begin with aws: ${reserved.key ?? ""}`);
  const all = { ...tags, ...Object.fromEntries(added.map(({ key = "", value = "" }) => [key, value])) };
  if (Object.keys(all).length > MOST_TAGS) {
    throw new AwsError("TooManyTagsException", `A pipeline has at most ${MOST_TAGS} tags.`);
  }
  return all;
}
