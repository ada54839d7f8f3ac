/** The connections, in memory and in one file that is always whole. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AwsError } from "../services/contract";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface StoredConnection {
  readonly ConnectionArn: string;
  readonly ConnectionName: string;
  readonly ProviderType: string;
  readonly OwnerAccountId: string;
  readonly ConnectionStatus: "AVAILABLE";
  readonly Tags: readonly Tag[];
}

export class Connections {
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private readonly connections: Map<string, StoredConnection>,
  ) {}

  static async open(stateDir: string): Promise<Connections> {
    const file = join(stateDir, "connections.json");
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    const stored = JSON.parse(text) as readonly StoredConnection[];
    return new Connections(file, new Map(stored.map((c) => [c.ConnectionArn, c])));
  }

  /** @throws AwsError ResourceNotFoundException */
  get(arn: string): StoredConnection {
    const connection = this.connections.get(arn);
    if (connection === undefined) throw new AwsError("ResourceNotFoundException", `There is no connection ${arn}.`);
    return connection;
  }

  /** By ARN. */
  list(): readonly StoredConnection[] {
    return [...this.connections.values()].sort((a, b) => (a.ConnectionArn < b.ConnectionArn ? -1 : 1));
  }

  /** Resolves when the connection is on disk. */
  async put(connection: StoredConnection): Promise<void> {
    this.connections.set(connection.ConnectionArn, connection);
    await this.write();
  }

  async remove(arn: string): Promise<void> {
    this.connections.delete(arn);
    await this.write();
  }

  /** Resolves when every change so far is on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private write(): Promise<void> {
    const written = this.writing.then(async () => {
      await writeFile(`${this.file}.new`, JSON.stringify(this.list(), null, 2));
      await rename(`${this.file}.new`, this.file);
    });
    // The next write must not fail because this one did; its caller hears of it.
    this.writing = written.catch(() => undefined);
    return written;
  }
}
