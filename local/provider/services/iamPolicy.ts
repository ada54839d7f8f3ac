import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import type { PolicyArgs } from "@pulumi/aws/iam";
import type { Clients } from "../clients";
import { policy as document, text } from "../fields";
import { defineType, must, tags } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";
import { asText, decoded, gone } from "./iamDocuments";

/** Deletes all versions but the default one; with `atLeast`, only the oldest when so many exist (IAM keeps five). */
async function deleteVersions(PolicyArn: string, aws: Clients, atLeast = 0): Promise<void> {
  const iam = aws.get(IAMClient);
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  const others = Versions.filter((version) => !version.IsDefaultVersion);
  others.sort((a, b) => (a.CreateDate?.getTime() ?? 0) - (b.CreateDate?.getTime() ?? 0));
  const doomed = atLeast === 0 ? others : others.slice(0, Versions.length < atLeast ? 0 : 1);
  for (const { VersionId } of doomed) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
}

export const policy = defineType<PolicyArgs>({
  token: "aws:iam/policy:Policy",
  fields: {
    description: text({ replaces: true }),
    name: text({ replaces: true }),
    path: text({ replaces: true, default: "/" }),
    policy: document({ required: true }),
    tags,
  },
  outputs: ["arn", "attachmentCount", "policyId"],
  name: { property: "name", max: 128 },
  identity: ["name", "path"],
  tagged: true,
  gone,
  async create(inputs, aws) {
    const { Policy } = await aws.get(IAMClient).send(
      new CreatePolicyCommand({
        PolicyName: inputs.name,
        Description: inputs.description,
        Path: inputs.path,
        PolicyDocument: asText(inputs.policy),
        Tags: pairs(inputs.tagsAll),
      }),
    );
    return must(Policy?.Arn, "Arn");
  },
  async update(PolicyArn, inputs, aws, olds) {
    const iam = aws.get(IAMClient);
    const PolicyDocument = asText(inputs.policy);
    if (PolicyDocument !== asText(olds.policy)) {
      await deleteVersions(PolicyArn, aws, 5);
      await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    }
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys })),
      tag: (wanted) => iam.send(new TagPolicyCommand({ PolicyArn, Tags: pairs(wanted) })),
    });
  },
  async read(PolicyArn, aws) {
    const iam = aws.get(IAMClient);
    const { Policy: found } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    if (found === undefined) return undefined;
    const { PolicyVersion } = await iam.send(
      new GetPolicyVersionCommand({ PolicyArn, VersionId: found.DefaultVersionId }),
    );
    return {
      inputs: {
        name: found.PolicyName,
        path: found.Path,
        description: found.Description,
        policy: decoded(PolicyVersion?.Document),
        tags: fromPairs(found.Tags),
      },
      outputs: { arn: found.Arn, attachmentCount: found.AttachmentCount, policyId: found.PolicyId },
    };
  },
  async remove(PolicyArn, aws) {
    await deleteVersions(PolicyArn, aws);
    await aws.get(IAMClient).send(new DeletePolicyCommand({ PolicyArn }));
  },
});
