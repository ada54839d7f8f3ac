import { z } from "zod";

/** In rising order, as npm spells them. */
export const SEVERITIES = ["info", "low", "moderate", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Advisory {
  /** `GHSA-…`; where the registry knows the advisory by no such id, its address. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly package: string;
  /** Versions that have the fault. */
  readonly range: string;
  /** What mends it, as npm knows. */
  readonly fix: string | undefined;
}

/** What `npm audit` told about one lock file. */
export type Audit =
  | { readonly kind: "audited"; readonly packages: number; readonly advisories: readonly Advisory[] }
  | { readonly kind: "unavailable"; readonly because: string };

const severity = z.enum(SEVERITIES);
const reportSchema = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      severity,
      // Text names another package of the report, whose advisory this one has by depending on it.
      via: z.array(
        z.union([
          z.string(),
          z.object({ name: z.string(), title: z.string(), url: z.string(), severity, range: z.string() }),
        ]),
      ),
      fixAvailable: z.union([
        z.boolean(),
        z.object({ name: z.string(), version: z.string(), isSemVerMajor: z.boolean() }),
      ]),
    }),
  ),
  metadata: z.object({ dependencies: z.object({ total: z.int() }) }),
});
type Report = z.infer<typeof reportSchema>;

/** What npm prints instead of a report: the registry's answer in `message`, its own trouble in `error`. */
const errorSchema = z.object({
  message: z.string().optional(),
  error: z.object({ code: z.string().optional(), summary: z.string() }),
});

/** Reads what `npm audit --json` printed: a report of version 2 (npm 7 and later), or why there is none. */
export function readAudit(text: string): Audit {
  const document = parseJson(text);
  const failure = errorSchema.safeParse(document);
  if (failure.success) {
    const { message, error } = failure.data;
    return unavailable(message ?? `${error.code === undefined ? "" : `${error.code}: `}${error.summary}`);
  }
  const report = reportSchema.safeParse(document);
  if (!report.success) return unavailable("npm printed no audit report of version 2");
  const { vulnerabilities, metadata } = report.data;
  const advisories = Object.values(vulnerabilities).flatMap(advisoriesOf);
  if (worst(Object.values(vulnerabilities)) > worst(advisories)) {
    return unavailable("the report names vulnerable packages without the advisories that say why");
  }
  return { kind: "audited", packages: metadata.dependencies.total, advisories };
}

/** Why there is no report, as one line without what an address may carry. */
export function unavailable(because: string): Audit {
  const line = because
    .replace(/\/\/[^/\s@]*@/g, "//")
    .replace(/\s+/g, " ")
    .trim();
  return { kind: "unavailable", because: line.slice(0, 300) || "npm does not say why" };
}

function advisoriesOf({ via, fixAvailable }: Report["vulnerabilities"][string]): Advisory[] {
  return via.flatMap((cause) =>
    typeof cause === "string"
      ? []
      : [
          {
            id: idOf(cause.url),
            severity: cause.severity,
            title: cause.title,
            package: cause.name,
            range: cause.range,
            fix: fixOf(fixAvailable),
          },
        ],
  );
}

function idOf(url: string): string {
  const id = /GHSA((?:-[0-9a-z]{4}){3})/i.exec(url)?.[1];
  return id === undefined ? url : `GHSA${id.toLowerCase()}`;
}

function fixOf(fix: Report["vulnerabilities"][string]["fixAvailable"]): string | undefined {
  if (typeof fix === "boolean") return fix ? "Run npm audit fix" : undefined;
  return `Install ${fix.name} ${fix.version}${fix.isSemVerMajor ? ", a major version" : ""}`;
}

const worst = (rated: readonly { readonly severity: Severity }[]): number =>
  Math.max(-1, ...rated.map((one) => SEVERITIES.indexOf(one.severity)));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // npm printed something else: no document fits, so there is no report.
    return undefined;
  }
}
