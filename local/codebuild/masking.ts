/** Shorter values would blot out ordinary words of a log. */
const SHORTEST_SECRET = 3;

/**
 * Replaces secrets in log lines by `***`. A secret of several lines is also masked line by line, as logs are written so.
 */
export class Masker {
  private secrets: string[] = [];

  add(secrets: readonly string[]): void {
    const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]);
    const all = new Set([...this.secrets, ...parts.filter((part) => part.trim().length >= SHORTEST_SECRET)]);
    // The longest first, or a secret that holds another would keep its tail.
    this.secrets = [...all].sort((a, b) => b.length - a.length);
  }

  mask(line: string): string {
    return this.secrets.reduce((masked, secret) => masked.replaceAll(secret, "***"), line);
  }
}
