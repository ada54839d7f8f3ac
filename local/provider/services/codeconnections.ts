import type { ConnectionArgs } from "@pulumi/aws/codeconnections";
import type { ClientConfig, Clients } from "../clients";
import { text } from "../fields";
import { JsonServiceClient } from "../jsonService";
import { defineType, tags, type ResourceType } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";

class CodeConnectionsClient extends JsonServiceClient {
  constructor(config: ClientConfig) {
    super(config, { name: "codeconnections", target: "com.amazonaws.codeconnections.CodeConnections_20231201" });
  }
}

/** The same service under its former name. */
class CodeStarConnectionsClient extends JsonServiceClient {
  constructor(config: ClientConfig) {
    const target = "com.amazonaws.codestar.connections.CodeStar_connections_20191201";
    super(config, { name: "codestar-connections", target });
  }
}

interface Found {
  readonly Connection?: {
    readonly ConnectionName?: string;
    readonly ConnectionArn?: string;
    readonly ProviderType?: string;
    readonly ConnectionStatus?: string;
    readonly OwnerAccountId?: string;
    readonly HostArn?: string;
  };
}

type Call = (aws: Clients, operation: string, input: object) => Promise<unknown>;

function connectionType(token: string, call: Call): ResourceType {
  return defineType<ConnectionArgs>({
    token,
    fields: {
      hostArn: text({ replaces: true }),
      name: text({ replaces: true }),
      providerType: text({ replaces: true, computed: true }),
      tags,
    },
    outputs: ["arn", "connectionStatus", "ownerAccountId"],
    volatile: ["connectionStatus"],
    name: { property: "name", max: 32 },
    identity: ["name"],
    tagged: true,
    gone: ["ResourceNotFoundException"],
    async create(inputs, aws) {
      const { ConnectionArn } = (await call(aws, "CreateConnection", {
        ConnectionName: inputs.name,
        ProviderType: inputs.providerType,
        HostArn: inputs.hostArn,
        Tags: pairs(inputs.tagsAll),
      })) as { ConnectionArn: string };
      return ConnectionArn;
    },
    async update(ResourceArn, inputs, aws, olds) {
      await settleTags(olds.tagsAll, inputs.tagsAll, {
        untag: (TagKeys) => call(aws, "UntagResource", { ResourceArn, TagKeys }),
        tag: (wanted) => call(aws, "TagResource", { ResourceArn, Tags: pairs(wanted) }),
      });
    },
    async read(ConnectionArn, aws) {
      const { Connection: found } = (await call(aws, "GetConnection", { ConnectionArn })) as Found;
      if (found === undefined) return undefined;
      const { Tags } = (await call(aws, "ListTagsForResource", { ResourceArn: ConnectionArn })) as {
        Tags?: { Key: string; Value: string }[];
      };
      return {
        inputs: {
          name: found.ConnectionName,
          providerType: found.ProviderType,
          hostArn: found.HostArn,
          tags: fromPairs(Tags),
        },
        outputs: {
          arn: found.ConnectionArn,
          connectionStatus: found.ConnectionStatus,
          ownerAccountId: found.OwnerAccountId,
        },
      };
    },
    async remove(ConnectionArn, aws) {
      await call(aws, "DeleteConnection", { ConnectionArn });
    },
  });
}

export const connection = connectionType("aws:codeconnections/connection:Connection", (aws, operation, input) =>
  aws.get(CodeConnectionsClient).call(operation, input),
);

export const codeStarConnection = connectionType(
  "aws:codestarconnections/connection:Connection",
  (aws, operation, input) => aws.get(CodeStarConnectionsClient).call(operation, input),
);
