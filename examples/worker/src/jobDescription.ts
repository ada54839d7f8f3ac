/** What a job is asked to do, and the only place where outside input becomes typed. */

/** Counts the words of a text. */
export interface WordStatistics {
  readonly do: "word-statistics";
  readonly text: string;
}

/** Makes the manifest of named texts that `sha256sum --check` reads. */
export interface ChecksumManifest {
  readonly do: "checksum-manifest";
  readonly files: Readonly<Record<string, string>>;
}

export type Step = WordStatistics | ChecksumManifest;

export interface JobDescription {
  readonly name: string;
  /** Run in this order; never empty. */
  readonly steps: readonly Step[];
}

export type Parsed =
  | { readonly ok: true; readonly job: JobDescription }
  /** Every mistake of the description at once, each with its place. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Runs when nobody asked for anything else: touches every step, changes nothing, takes no time. */
export const CANARY: JobDescription = {
  name: "canary",
  steps: [
    { do: "word-statistics", text: "the canary sings the song the miners know" },
    { do: "checksum-manifest", files: { "canary.txt": "sings\n" } },
  ],
};

/** @param json the job description as JSON; `undefined` or empty means the canary job */
export function parseJobDescription(json: string | undefined): Parsed {
  if (json === undefined || json.trim() === "") return { ok: true, job: CANARY };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, mistakes: [`the job description is not JSON: ${(error as Error).message}`] };
  }
  const mistakes: string[] = [];
  const { name, steps } = isObject(value) ? value : { name: undefined, steps: undefined };
  if (typeof name !== "string" || !/^[a-z0-9-]{1,64}$/.test(name)) {
    mistakes.push(`name: wanted 1 to 64 of a-z, 0-9 and "-", got ${show(name)}`);
  }
  if (!Array.isArray(steps) || steps.length === 0) {
    mistakes.push(`steps: wanted a list of at least one step, got ${show(steps)}`);
  } else {
    steps.forEach((step: unknown, index) => mistakes.push(...mistakesOfStep(step, `steps[${index}]`)));
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  return { ok: true, job: { name: name as string, steps: steps as Step[] } };
}

function mistakesOfStep(step: unknown, at: string): string[] {
  if (!isObject(step)) return [`${at}: wanted an object, got ${show(step)}`];
  switch (step["do"]) {
    case "word-statistics":
      return typeof step["text"] === "string" ? [] : [`${at}.text: wanted a text, got ${show(step["text"])}`];
    case "checksum-manifest": {
      const files = step["files"];
      const fine =
        isObject(files) &&
        Object.keys(files).length > 0 &&
        Object.entries(files).every(([name, content]) => !/[\n\\]/.test(name) && typeof content === "string");
      return fine ? [] : [`${at}.files: wanted at least one file name with its text, got ${show(files)}`];
    }
    default:
      return [`${at}.do: wanted "word-statistics" or "checksum-manifest", got ${show(step["do"])}`];
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
