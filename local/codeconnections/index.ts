/**
 * AWS CodeConnections on one machine. Unlike on AWS, where a person completes the handshake with the provider in the
 * console (until then the connection is PENDING), a connection is AVAILABLE at once: it leads to the local repositories.
 */
import { randomUUID } from "node:crypto";
import { AwsError, type Call, type LocalService, type Surroundings } from "../services/contract";
import { Connections, type StoredConnection, type Tag } from "./connections";

type Handler = (input: Input, call: Call) => Promise<unknown>;

/** The members of all requests together: each operation reads its own, and the model has checked that they are there. */
interface Input {
  readonly ConnectionArn?: string;
  readonly ConnectionName?: string;
  readonly ProviderType?: string;
  readonly HostArn?: string;
  readonly ProviderTypeFilter?: string;
  readonly HostArnFilter?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly ResourceArn?: string;
  readonly Tags?: readonly Tag[];
  readonly TagKeys?: readonly string[];
}

/** AWS lists at most this many connections a page. */
const LARGEST_PAGE = 100;

export async function createCodeConnections(s: Surroundings): Promise<LocalService> {
  const connections = await Connections.open(s.stateDir);
  const all = `arn:aws:codeconnections:${s.region}:${s.accountId}:connection/*`;
  const name = (action: string) => `codeconnections:${action}`;

  const operations: Readonly<Record<string, Handler | undefined>> = {
    async CreateConnection({ ConnectionName = "", ProviderType, HostArn, Tags = [] }, call) {
      await call.authorize(name("CreateConnection"), all);
      if (HostArn !== undefined) throw notServed("Connections through a host (HostArn)");
      const ConnectionArn = `arn:aws:codeconnections:${s.region}:${s.accountId}:connection/${randomUUID()}`;
      await connections.put({
        ConnectionArn,
        ConnectionName,
        ProviderType: ProviderType ?? "GitHub",
        OwnerAccountId: s.accountId,
        ConnectionStatus: "AVAILABLE",
        Tags,
      });
      return { ConnectionArn, Tags };
    },

    async GetConnection({ ConnectionArn = "" }, call) {
      await call.authorize(name("GetConnection"), ConnectionArn);
      return { Connection: view(connections.get(ConnectionArn)) };
    },

    async DeleteConnection({ ConnectionArn = "" }, call) {
      await call.authorize(name("DeleteConnection"), ConnectionArn);
      connections.get(ConnectionArn);
      await connections.remove(ConnectionArn);
      return {};
    },

    async ListConnections({ ProviderTypeFilter, HostArnFilter, MaxResults = LARGEST_PAGE, NextToken }, call) {
      await call.authorize(name("ListConnections"), all);
      if (HostArnFilter !== undefined) return { Connections: [] };
      const found = connections
        .list()
        .filter((c) => ProviderTypeFilter === undefined || c.ProviderType === ProviderTypeFilter)
        .filter((c) => NextToken === undefined || c.ConnectionArn > NextToken);
      const page = found.slice(0, MaxResults);
      const last = page.at(-1);
      return {
        Connections: page.map(view),
        ...(found.length > page.length && last ? { NextToken: last.ConnectionArn } : {}),
      };
    },

    async TagResource({ ResourceArn = "", Tags = [] }, call) {
      await call.authorize(name("TagResource"), ResourceArn);
      const connection = connections.get(ResourceArn);
      const kept = connection.Tags.filter((old) => !Tags.some((tag) => tag.Key === old.Key));
      await connections.put({ ...connection, Tags: [...kept, ...Tags] });
      return {};
    },

    async UntagResource({ ResourceArn = "", TagKeys = [] }, call) {
      await call.authorize(name("UntagResource"), ResourceArn);
      const connection = connections.get(ResourceArn);
      await connections.put({ ...connection, Tags: connection.Tags.filter((tag) => !TagKeys.includes(tag.Key)) });
      return {};
    },

    async ListTagsForResource({ ResourceArn = "" }, call) {
      await call.authorize(name("ListTagsForResource"), ResourceArn);
      return { Tags: connections.get(ResourceArn).Tags };
    },
  };

  return {
    name: "codeconnections",
    apiVersion: "2023-12-01",
    async handle(operation, input, call) {
      const handler = operations[operation];
      if (handler === undefined) throw notServed(`${operation} of CodeConnections`);
      return handler(input as Input, call);
    },
    stop: () => connections.flush(),
  };
}

function view(connection: StoredConnection): Omit<StoredConnection, "Tags"> {
  const { ConnectionArn, ConnectionName, ProviderType, OwnerAccountId, ConnectionStatus } = connection;
  return { ConnectionArn, ConnectionName, ProviderType, OwnerAccountId, ConnectionStatus };
}

const notServed = (what: string): AwsError =>
  new AwsError("UnsupportedOperationException", `${what} is not served locally.`);
