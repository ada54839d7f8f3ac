import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut, so that it fits into one log event (CloudWatch Logs takes 256 KB, 26 bytes of it overhead). */
const LONGEST_LINE = 200_000;

/**
 * Cuts a stream into lines and takes the shell's end-of-command marks out of it. A mark tells that everything the
 * command printed has arrived.
 */
export class OutputSplitter {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";
  private marks = 0;
  private waiting: (() => void) | undefined;

  constructor(
    private readonly mark: string,
    private readonly onLine: (line: string) => void,
  ) {}

  push(chunk: Buffer): void {
    this.rest += this.decoder.write(chunk);
    for (let at = this.rest.indexOf(this.mark); at >= 0; at = this.rest.indexOf(this.mark)) {
      const before = this.rest.slice(0, at);
      const after = this.rest.slice(at + this.mark.length);
      this.rest = before;
      this.lines();
      this.flush();
      this.rest = after;
      this.marks++;
      this.waiting?.();
    }
    this.lines();
  }

  /** Resolves at the next mark, once for each. */
  async marker(): Promise<void> {
    while (this.marks === 0) await new Promise<void>((resolve) => (this.waiting = resolve));
    this.marks--;
  }

  /** Hands on what has no line break yet. */
  flush(): void {
    if (this.rest === "") return;
    const line = this.rest;
    this.rest = "";
    this.onLine(line);
  }

  private lines(): void {
    const parts = this.rest.split("\n");
    this.rest = parts.pop() ?? "";
    for (const part of parts) this.cut(part.endsWith("\r") ? part.slice(0, -1) : part);
    while (this.rest.length > LONGEST_LINE) {
      this.onLine(this.rest.slice(0, LONGEST_LINE));
      this.rest = this.rest.slice(LONGEST_LINE);
    }
  }

  private cut(line: string): void {
    for (let start = 0; start === 0 || start < line.length; start += LONGEST_LINE) {
      this.onLine(line.slice(start, start + LONGEST_LINE));
    }
  }
}
