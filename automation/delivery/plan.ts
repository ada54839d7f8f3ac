import { proofLines } from "../changes/proofLines";
import { InfrastructureChangeDetector } from "../changes/detector";
import { NOTHING, scopeOf } from "../changes/scope";
import { type CommandResult, ok } from "../result";
import { alarmList, ringing } from "./admission";
import { loadRelease } from "./loadRelease";
import { planDigest, planSummary } from "./planSummary";
import { type DeployPorts } from "./ports";
import { type DeliverySettings } from "./settings";

type Ports = Pick<DeployPorts, "releases" | "infrastructure" | "alarms" | "progress" | "export"> & {
  readonly deployments: Pick<DeployPorts["deployments"], "environmentState">;
};

/** Says what `deploy` would do with the release now. Takes no lock and changes nothing. */
export async function plan(settings: DeliverySettings, ports: Ports): Promise<CommandResult> {
  const { release, digest } = await loadRelease(settings, ports);
  const detector = new InfrastructureChangeDetector(
    release,
    () => ports.infrastructure.preview(release, true),
    (line) => ports.progress.line(line),
  );
  const { decision, plan: previewed } = await detector.detectChanges(
    await ports.deployments.environmentState(settings.environment),
  );
  const alarms = ringing(await ports.alarms.states(settings.alarmPrefix));
  const summary = planSummary(release, decision, alarms, buildLink(settings));
  const planned = planDigest(release, digest);
  const scope = previewed === undefined || decision.action === "none" ? NOTHING : scopeOf(previewed.classification);
  await ports.export({
    PLAN_SUMMARY: summary,
    PLAN_DIGEST: planned,
    PLAN_SCOPE: scope,
    PLAN_ALARMS: alarmList(alarms),
  });
  const changes = previewed?.classification.changes ?? [];
  const document = { environment: settings.environment, version: release.version, decision, changes, alarms, summary };
  return ok({ ...document, planDigest: planned, scope }, [
    summary,
    ...proofLines(decision, previewed),
    `  plan ${planned}`,
  ]);
}

/** The console's page of this build, whose log has the whole plan; CodePipeline links to builds in the same way. */
function buildLink({ region, buildId }: Pick<DeliverySettings, "region" | "buildId">): string {
  return `https://${region}.console.aws.amazon.com/codebuild/home?region=${region}#/builds/${buildId}/view/new`;
}
