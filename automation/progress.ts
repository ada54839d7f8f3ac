/** What a long command shows while it works. Lines go to stderr, so that stdout holds the result alone. */
export interface Progress {
  line(text: string): void;
  /** Runs one named step and prints how it ended and after how long: `✔ preview 2.1 s`. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
}

export function createProgress({ write, now, green, red }: ProgressOptions): Progress {
  const line = (text: string): void => write(`${text}\n`);
  return {
    line,
    async step(name, work) {
      const start = now();
      try {
        const result = await work();
        line(`${green("✔")} ${name} ${seconds(now() - start)}`);
        return result;
      } catch (error) {
        line(`${red("✖")} ${name} ${seconds(now() - start)}`);
        throw error;
      }
    },
  };
}

/** `2.1 s`, `75 s`. */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1000;
  return `${value < 60 ? value.toFixed(1) : value.toFixed(0)} s`;
}
