import { type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type CommandResult, ok } from "../result";
import { alarmList, ringing } from "./admission";
import { decideByDigest, decideByPreview, planDigest, planSummary } from "./decide";
import { loadRelease } from "./loadRelease";
import { type DeployPorts } from "./ports";
import { type DeliverySettings } from "./settings";

type Ports = Pick<DeployPorts, "releases" | "infrastructure" | "alarms" | "progress" | "export"> & {
  readonly deployments: Pick<DeployPorts["deployments"], "environmentState">;
};

/** Says what `deploy` would do with the release now. Takes no lock and changes nothing. */
export async function plan(settings: DeliverySettings, ports: Ports): Promise<CommandResult> {
  const { release, digest } = await loadRelease(settings, ports);
  const byDigest = decideByDigest(await ports.deployments.environmentState(settings.environment), release);
  let decision: InfrastructureDecision;
  let changes: readonly string[] = [];
  if (byDigest.kind === "decided") {
    decision = byDigest.decision;
  } else {
    const previewed = await ports.infrastructure.preview(release, true);
    decision = decideByPreview(previewed.counts, byDigest.first);
    changes = previewed.changes.map(({ op, type, name }) => `${op} ${type} ${name}`);
  }
  const alarms = ringing(await ports.alarms.states(settings.alarmPrefix));
  const summary = planSummary(release, decision, changes, alarms);
  const ownDigest = planDigest(release, digest);
  await ports.export({ PLAN_SUMMARY: summary, PLAN_DIGEST: ownDigest, PLAN_ALARMS: alarmList(alarms) });
  return ok(
    {
      environment: settings.environment,
      version: release.version,
      decision,
      changes,
      alarms,
      summary,
      planDigest: ownDigest,
    },
    [summary, `  plan ${ownDigest}`],
  );
}
