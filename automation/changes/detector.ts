import { type EnvironmentState, type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type Release } from "../../runtime/releases/domain";
import { type BoundPlan } from "../engine/boundPlan";
import { cut, decideByClass, decideByDigest, previewProof } from "./decide";
import { type Classification } from "./domain";
import { infrastructureFilesSince } from "./files";

/** What was decided, and the plan to apply where an update has to run. */
export interface Detected {
  readonly decision: InfrastructureDecision;
  /** Absent when the digests could tell. */
  readonly plan?: BoundPlan;
  /** No infrastructure was applied before. */
  readonly first: boolean;
}

/** Finds out what a release changes about an environment's infrastructure: by digests where they can tell, else by preview. */
export class InfrastructureChangeDetector {
  constructor(
    private readonly release: Release,
    private readonly preview: () => Promise<BoundPlan>,
    private readonly line: (text: string) => void,
  ) {}

  /** Decides whether an update has to run in an environment, with the proof. */
  async detectChanges(state: EnvironmentState): Promise<Detected> {
    const { infrastructureDigest: wantedDigest, gates } = this.release;
    const files = this.getChangedFiles(state.infrastructureVersion);
    const proof = {
      ...(gates === undefined ? {} : { gates }),
      ...(state.infrastructureDigest === undefined ? {} : { appliedDigest: state.infrastructureDigest }),
      wantedDigest,
      ...(files === undefined ? {} : { files: cut(files) }),
    };
    const byDigest = decideByDigest(state, this.release);
    if (byDigest.kind === "decided") {
      return { decision: { action: "none", because: byDigest.because, proof }, first: false };
    }
    this.line(`  ${byDigest.because}: preview`);
    const plan = await this.runPreview();
    const { classification, policyPack, exemptions } = plan;
    const decision = {
      ...decideByClass(classification, byDigest.first),
      proof: {
        ...proof,
        policyPack,
        ...(exemptions.length === 0 ? {} : { exemptions: cut(exemptions) }),
        ...previewProof(classification, wantedDigest),
      },
    };
    return { decision, plan, first: byDigest.first };
  }

  /** The infrastructure's files that were touched since a commit; undefined: unknown. */
  getChangedFiles(since: string | undefined): readonly string[] | undefined {
    const found = infrastructureFilesSince(this.release, since);
    return found.kind === "known" ? found.files : undefined;
  }

  /** Previews the release under the policies. */
  runPreview(): Promise<BoundPlan> {
    return this.preview();
  }

  /** Whether a preview shows more than tags and descriptions; always, where it does not say. */
  hasMeaningfulChanges(classification: Classification): boolean {
    return decideByClass(classification, false).action === "up";
  }
}
