import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { type AwsCredentials } from "./services/contract";

/** A session this close to its end is not given out any more: what it is for may take a while. */
const MARGIN_MS = 5 * 60_000;
const SESSION_SECONDS = 3600;

export interface RoleSessionOptions {
  /** Where STS answers. */
  readonly endpoint: string;
  readonly region: string;
  readonly now?: () => number;
}

interface Session {
  readonly credentials: AwsCredentials;
  readonly expires: number;
}

/**
 * Sessions of roles, as the AWS service that a role trusts would get them. They are asked for by the root of the local
 * account, which the emulator lets assume any role: no trust policy has to name anything but the AWS service.
 */
export class RoleSessions {
  private readonly sts: STSClient;
  private readonly sessions = new Map<string, Promise<Session>>();
  private readonly now: () => number;

  constructor(options: RoleSessionOptions) {
    this.now = options.now ?? Date.now;
    this.sts = new STSClient({
      endpoint: options.endpoint,
      region: options.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 3,
    });
  }

  /**
   * The credentials of a session of this role, at most an hour old and good for at least five more minutes. Callers who
   * ask at the same time share one.
   * @throws the STS client's exception when the role does not exist; nothing is remembered then.
   */
  async assume(roleArn: string, sessionName: string): Promise<AwsCredentials> {
    const key = `${roleArn} ${sessionName}`;
    const known = this.sessions.get(key);
    if (known) {
      const { credentials, expires } = await known;
      if (expires - MARGIN_MS > this.now()) return credentials;
    }
    // Another caller may have replaced the old session while this one looked at it.
    const current = this.sessions.get(key);
    const asked = current !== undefined && current !== known ? current : this.ask(roleArn, sessionName);
    this.sessions.set(key, asked);
    try {
      return (await asked).credentials;
    } catch (error) {
      if (this.sessions.get(key) === asked) this.sessions.delete(key);
      throw error;
    }
  }

  /** Ends the connections to STS. */
  close(): void {
    this.sts.destroy();
  }

  private async ask(RoleArn: string, RoleSessionName: string): Promise<Session> {
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName, DurationSeconds: SESSION_SECONDS });
    const { Credentials: session } = await this.sts.send(command);
    const { AccessKeyId, SecretAccessKey, SessionToken } = session ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw new Error(`STS gave no session of ${RoleArn}.`);
    return {
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      expires: session?.Expiration?.getTime() ?? this.now() + SESSION_SECONDS * 1000,
    };
  }
}
