import type { BuildPhaseType, PhaseContext } from "@aws-sdk/client-codebuild";
import type { KnownBuild } from "./store";
import { endBuild, endPhase, startPhase, type Outcome } from "./phases";

/** The build as it advances: every change is handed to `onChange`, which stores and announces it. */
export class Progress {
  constructor(
    private current: KnownBuild,
    private readonly now: () => Date,
    private readonly onChange: (build: KnownBuild, before: KnownBuild) => void,
  ) {}

  get build(): KnownBuild {
    return this.current;
  }

  start(phase: BuildPhaseType): void {
    this.change(startPhase(this.current, phase, this.now()));
  }

  end(status: Outcome, contexts: readonly PhaseContext[] = []): void {
    this.change(endPhase(this.current, status, contexts, this.now()));
  }

  finish(status: Outcome, contexts: readonly PhaseContext[] = []): void {
    this.change(endBuild(this.current, status, contexts, this.now()));
  }

  /** Facts that came to light: the resolved source version, exported variables, artifacts. */
  learn(facts: Partial<KnownBuild>): void {
    this.change({ ...this.current, ...facts });
  }

  private change(next: KnownBuild): void {
    const before = this.current;
    if (next === before) return;
    this.current = next;
    this.onChange(next, before);
  }
}
