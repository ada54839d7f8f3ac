/** Functions (data sources) that programs may call. */

import type { Clients } from "./clients";
import { policyDocument } from "./policyDocument";
import { present, type Properties } from "./values";

type Invoke = (args: Properties, aws: Clients) => Promise<Properties>;

const invokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": async (_args, aws) => {
    const { Account, Arn, UserId } = await aws.callerIdentity();
    return present({ accountId: Account, arn: Arn, userId: UserId, id: Account });
  },
  "aws:index/getRegion:getRegion": async (_args, { region }) => ({
    id: region,
    name: region,
    region,
    description: region,
    endpoint: `ec2.${region}.amazonaws.com`,
  }),
  "aws:index/getPartition:getPartition": async () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": async (args) => policyDocument(args),
};

/** @throws Error that names a function that is not served. */
export async function invoke(token: string, args: Properties, aws: Clients): Promise<Properties> {
  const found = invokes[token];
  if (found === undefined) throw new Error(`the local provider does not serve the function ${token}`);
  return found(args, aws);
}
