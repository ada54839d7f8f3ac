/** Waiting for a build: its event tells at once, a poll now and then makes up for a lost one. */
import { type AwsEvent } from "../../services/contract";
import { type ProviderContext } from "./provider";

/** How long a lost event may go unnoticed. */
const POLL_MS = 2000;

export interface BuildWatch {
  /**
   * Resolves when it is worth looking at the build again: its end was announced since the last call, or two seconds
   * are over.
   * @throws the signal's reason when the action is abandoned or the service stops.
   */
  changed(): Promise<void>;
  close(): void;
}

/** Listens from now on, so that nothing is missed between a look at the build and the wait. */
export function watchBuild(
  { surroundings, signal }: Pick<ProviderContext, "surroundings" | "signal">,
  buildId: string,
): BuildWatch {
  let announced = false;
  let wake = () => {};
  const silence = surroundings.onEvent((event) => {
    if (!isEndOf(event, buildId)) return;
    announced = true;
    wake();
  });
  const abort = () => wake();
  signal.addEventListener("abort", abort);
  return {
    async changed() {
      if (!announced && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, POLL_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      announced = false;
      signal.throwIfAborted();
    },
    close() {
      silence();
      signal.removeEventListener("abort", abort);
    },
  };
}

function isEndOf(event: AwsEvent, buildId: string): boolean {
  if (event.detailType !== "CodeBuild Build State Change") return false;
  const { "build-id": arn, "build-status": status } = event.detail;
  return typeof arn === "string" && arn.endsWith(`build/${buildId}`) && status !== "IN_PROGRESS";
}
