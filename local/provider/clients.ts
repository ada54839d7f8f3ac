/** AWS SDK clients of one provider instance: one of each kind, with the credentials of whoever runs the update. */

import { GetCallerIdentityCommand, STSClient, type GetCallerIdentityCommandOutput } from "@aws-sdk/client-sts";

export interface ClientConfig {
  readonly region: string;
  readonly retryMode: string;
  readonly maxAttempts: number;
  readonly forcePathStyle: boolean;
}

interface Client {
  destroy(): void;
}

export class Clients {
  private readonly made = new Map<unknown, Client>();
  private identity: Promise<GetCallerIdentityCommandOutput> | undefined;

  /** `AWS_ENDPOINT_URL` and the credentials come from the environment, by the SDK itself. */
  constructor(readonly region: string) {}

  /** The client of the given class, e.g. `get(KMSClient)`; made at first use. */
  get<C extends Client>(kind: new (config: ClientConfig) => C): C {
    const known = this.made.get(kind);
    if (known instanceof kind) return known;
    // A bucket's name as a host name does not resolve to a loopback endpoint: hence path style (other clients ignore it).
    const forcePathStyle = process.env["AWS_ENDPOINT_URL"] !== undefined;
    const client = new kind({ region: this.region, retryMode: "standard", maxAttempts: 4, forcePathStyle });
    this.made.set(kind, client);
    return client;
  }

  callerIdentity(): Promise<GetCallerIdentityCommandOutput> {
    this.identity ??= this.get(STSClient).send(new GetCallerIdentityCommand({}));
    return this.identity;
  }

  destroy(): void {
    for (const client of this.made.values()) client.destroy();
    this.made.clear();
  }
}
