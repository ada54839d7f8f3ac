import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { RoleArgs, RolePolicyArgs, RolePolicyAttachmentArgs } from "@pulumi/aws/iam";
import { flag, number, policy as document, text } from "../fields";
import type { Clients } from "../clients";
import { defineType, must, tags } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";
import { asText, decoded, gone } from "./iamDocuments";

/** With `forceDetachPolicies`: what others put on the role goes too, or IAM refuses to delete it. */
async function strip(RoleName: string, aws: Clients): Promise<void> {
  const iam = aws.get(IAMClient);
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  const inline = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of inline.PolicyNames ?? []) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
}

export const role = defineType<RoleArgs>({
  token: "aws:iam/role:Role",
  fields: {
    assumeRolePolicy: document({ required: true }),
    description: text(),
    forceDetachPolicies: flag({ default: false }),
    maxSessionDuration: number({ default: 3600 }),
    name: text({ replaces: true }),
    path: text({ replaces: true, default: "/" }),
    permissionsBoundary: text(),
    tags,
  },
  outputs: ["arn", "createDate", "uniqueId"],
  name: { property: "name", max: 64 },
  identity: ["name"],
  tagged: true,
  gone,
  async create(inputs, aws) {
    const RoleName = must(inputs.name, "name");
    await aws.get(IAMClient).send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: asText(inputs.assumeRolePolicy),
        Description: inputs.description,
        MaxSessionDuration: inputs.maxSessionDuration,
        Path: inputs.path,
        PermissionsBoundary: inputs.permissionsBoundary,
        Tags: pairs(inputs.tagsAll),
      }),
    );
    return RoleName;
  },
  async update(RoleName, inputs, aws, olds) {
    const iam = aws.get(IAMClient);
    const { description: Description, maxSessionDuration: MaxSessionDuration = 3600, permissionsBoundary } = inputs;
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: asText(inputs.assumeRolePolicy) }));
    await iam.send(new UpdateRoleCommand({ RoleName, Description: Description ?? "", MaxSessionDuration }));
    if (permissionsBoundary !== undefined && permissionsBoundary !== olds.permissionsBoundary) {
      await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: permissionsBoundary }));
    } else if (permissionsBoundary === undefined && olds.permissionsBoundary !== undefined) {
      await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    }
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => iam.send(new UntagRoleCommand({ RoleName, TagKeys })),
      tag: (wanted) => iam.send(new TagRoleCommand({ RoleName, Tags: pairs(wanted) })),
    });
  },
  async read(RoleName, aws) {
    const { Role: found } = await aws.get(IAMClient).send(new GetRoleCommand({ RoleName }));
    if (found === undefined) return undefined;
    return {
      inputs: {
        name: found.RoleName,
        assumeRolePolicy: decoded(found.AssumeRolePolicyDocument),
        description: found.Description,
        maxSessionDuration: found.MaxSessionDuration,
        path: found.Path,
        permissionsBoundary: found.PermissionsBoundary?.PermissionsBoundaryArn,
        tags: fromPairs(found.Tags),
      },
      outputs: { arn: found.Arn, createDate: found.CreateDate?.toISOString(), uniqueId: found.RoleId },
    };
  },
  async remove(RoleName, aws, inputs) {
    if (inputs.forceDetachPolicies) await strip(RoleName, aws);
    await aws.get(IAMClient).send(new DeleteRoleCommand({ RoleName }));
  },
});

/** `role:policyName`, as the real provider's id. */
function splitId(id: string): { RoleName: string; PolicyName: string } {
  const [RoleName = "", ...rest] = id.split(":");
  return { RoleName, PolicyName: rest.join(":") };
}

export const rolePolicy = defineType<RolePolicyArgs>({
  token: "aws:iam/rolePolicy:RolePolicy",
  fields: {
    name: text({ replaces: true }),
    policy: document({ required: true }),
    role: text({ required: true, replaces: true }),
  },
  outputs: [],
  name: { property: "name", max: 128 },
  identity: ["name", "role"],
  gone,
  async create(inputs, aws) {
    const names = { RoleName: asText(inputs.role), PolicyName: must(inputs.name, "name") };
    await aws.get(IAMClient).send(new PutRolePolicyCommand({ ...names, PolicyDocument: asText(inputs.policy) }));
    return `${names.RoleName}:${names.PolicyName}`;
  },
  async update(id, inputs, aws) {
    await aws.get(IAMClient).send(new PutRolePolicyCommand({ ...splitId(id), PolicyDocument: asText(inputs.policy) }));
  },
  async read(id, aws) {
    const found = await aws.get(IAMClient).send(new GetRolePolicyCommand(splitId(id)));
    const policy = decoded(found.PolicyDocument);
    return { inputs: { name: found.PolicyName, role: found.RoleName, policy }, outputs: {} };
  },
  async remove(id, aws) {
    await aws.get(IAMClient).send(new DeleteRolePolicyCommand(splitId(id)));
  },
});

export const rolePolicyAttachment = defineType<RolePolicyAttachmentArgs>({
  token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  fields: {
    policyArn: text({ required: true, replaces: true }),
    role: text({ required: true, replaces: true }),
  },
  outputs: [],
  identity: ["policyArn", "role"],
  gone,
  async create(inputs, aws) {
    const names = { RoleName: asText(inputs.role), PolicyArn: inputs.policyArn };
    await aws.get(IAMClient).send(new AttachRolePolicyCommand(names));
    return `${names.RoleName}/${names.PolicyArn}`;
  },
  async read(id, aws) {
    const [RoleName = "", ...rest] = id.split("/");
    const policyArn = rest.join("/");
    const { AttachedPolicies } = await aws.get(IAMClient).send(new ListAttachedRolePoliciesCommand({ RoleName }));
    const attached = AttachedPolicies?.some(({ PolicyArn }) => PolicyArn === policyArn);
    return attached ? { inputs: { role: RoleName, policyArn }, outputs: {} } : undefined;
  },
  async remove(id, aws) {
    const [RoleName = "", ...rest] = id.split("/");
    await aws.get(IAMClient).send(new DetachRolePolicyCommand({ RoleName, PolicyArn: rest.join("/") }));
  },
});
