import { type Allowlist, allowlistFile } from "./allowlist";
import { type Advisory, type Audit, SEVERITIES, type Severity } from "./auditReport";
import { type Finding, type GateReport, reportOf } from "./domain";

export interface LockFileAudit {
  /** The lock file that was audited. */
  readonly lockFile: string;
  readonly audit: Audit;
}

/** What a commit must have, as the gate's table shows it. */
export const allowedDependencies = "nothing critical or high that auditAllowlist does not name";

const effects: Readonly<Record<Severity, Finding["effect"]>> = {
  critical: "blocks",
  high: "blocks",
  moderate: "warns",
  low: "informs",
  info: "informs",
};

/**
 * Critical and high advisories block unless they are allowed, one by one. Without an audit nothing is known: that blocks,
 * except in the local cloud, where the gate says that it was skipped.
 */
export function judgeDependencies(
  audits: readonly LockFileAudit[],
  { entries, faults }: Allowlist,
  localCloud: boolean,
): GateReport {
  const advisories = distinct(audits);
  const allowed = new Map(entries.map((entry) => [entry.advisory, entry]));
  const known = advisories.map((advisory) => {
    const entry = allowed.get(advisory.id);
    return entry === undefined ? unallowed(advisory) : informing(advisory, entry);
  });
  const missing = audits.flatMap(({ lockFile, audit }) =>
    audit.kind === "unavailable" ? [unaudited(lockFile, audit.because, localCloud)] : [],
  );
  const needless =
    missing.length > 0 ? [] : entries.filter((entry) => !advisories.some(({ id }) => id === entry.advisory));
  const report = reportOf("dependencies", measure(audits, advisories, allowed), allowedDependencies, [
    ...known,
    ...missing,
    ...faults,
    ...needless.map(unmatched),
  ]);
  if (report.outcome === "blocked" || missing.length === 0) return report;
  return { ...report, outcome: "skipped", measured: `${report.measured}; skipped in the local cloud` };
}

/** An advisory with every place where it was found. */
interface Found extends Advisory {
  readonly places: readonly string[];
}

/** One entry an advisory, however many packages and lock files have it; of ratings that differ the worst counts. */
function distinct(audits: readonly LockFileAudit[]): Found[] {
  const found = new Map<string, Found>();
  for (const { lockFile, audit } of audits) {
    for (const advisory of audit.kind === "audited" ? audit.advisories : []) {
      const before = found.get(advisory.id);
      const place = `${advisory.package} ${advisory.range} in ${lockFile}`;
      const worse = before === undefined || rank(advisory) > rank(before) ? advisory : before;
      found.set(advisory.id, { ...worse, places: [...new Set([...(before?.places ?? []), place])] });
    }
  }
  return [...found.values()].sort((a, b) => rank(b) - rank(a));
}

const rank = ({ severity }: Advisory): number => SEVERITIES.indexOf(severity);

function unallowed(advisory: Found): Finding {
  const effect = effects[advisory.severity];
  const fix = advisory.fix ?? "There is no fix yet: replace the package";
  const allow = `, or allow it in ${allowlistFile} with a justification and a date`;
  return { ...about(advisory), remedy: `${fix}${effect === "blocks" ? allow : ""}.`, effect };
}

const informing = (advisory: Found, entry: Allowlist["entries"][number]): Finding => ({
  ...about(advisory),
  remedy: `Allowed until ${entry.expires}: ${entry.justification}`,
  effect: "informs",
});

const about = ({ id, places, severity, title }: Found) => ({
  rule: id,
  resource: places.join(", "),
  message: `${severity}: ${title}`,
});

const unaudited = (lockFile: string, because: string, localCloud: boolean): Finding => ({
  rule: "npm audit",
  resource: lockFile,
  message: `no audit: ${because}`,
  remedy: localCloud
    ? "Skipped because this is the local cloud; on AWS it blocks."
    : "Run the build again when the registry answers npm audit; without an audit nothing is released.",
  effect: localCloud ? "warns" : "blocks",
});

const unmatched = ({ advisory }: Allowlist["entries"][number]): Finding => ({
  rule: advisory,
  resource: allowlistFile,
  message: "is allowed, but no dependency has it",
  remedy: "Remove the entry.",
  effect: "informs",
});

function measure(
  audits: readonly LockFileAudit[],
  advisories: readonly Found[],
  allowed: ReadonlyMap<string, unknown>,
): string {
  const packages = audits.reduce((sum, { audit }) => sum + (audit.kind === "audited" ? audit.packages : 0), 0);
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const count = advisories.filter((advisory) => advisory.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const accepted = advisories.filter(({ id }) => allowed.has(id)).map(({ id }) => id);
  const unknown = audits.flatMap(({ lockFile, audit }) =>
    audit.kind === "unavailable" ? [`no audit of ${lockFile}`] : [],
  );
  return [
    ...(unknown.length === audits.length ? [] : [`${packages} packages: ${counts.join(", ") || "nothing known"}`]),
    ...(accepted.length === 0 ? [] : [`allowed: ${accepted.join(", ")}`]),
    ...unknown,
  ].join("; ");
}
