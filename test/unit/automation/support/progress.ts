import { type Progress } from "../../../../automation/progress";

/** Keeps what a command would have printed. */
export class RecordedProgress implements Progress {
  readonly lines: string[] = [];

  line(text: string): void {
    this.lines.push(text);
  }

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.lines.push(`✔ ${name}`);
      return result;
    } catch (error) {
      this.lines.push(`✖ ${name}`);
      throw error;
    }
  }

  get text(): string {
    return this.lines.join("\n");
  }
}
