import { type Envelope } from "../cloud/eventBus";

/** What a resource policy says about EventBridge. */
interface Permission {
  readonly exists: boolean;
  readonly allowed: boolean;
}

/** One target of a rule that an event goes to, as the emulator knows it. */
export interface Delivery extends Permission {
  readonly ruleArn: string;
  /** A target in the shape of EventBridge's API. */
  readonly target: Target;
  readonly deadLetters?: Permission;
}

export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: unknown;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

/** Why an event could not be delivered; the code is EventBridge's. */
export interface DeliveryFailure {
  readonly code: "NO_PERMISSIONS" | "NO_RESOURCE" | "INVALID_PARAMETER" | "THROTTLING" | "ERROR_FROM_TARGET";
  readonly message: string;
}

/** EventBridge's own limits where a target has no RetryPolicy. */
const MAXIMUM_ATTEMPTS = 185;
const MAXIMUM_AGE_SECONDS = 24 * 3600;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

const SERVED = new Set(["lambda", "sqs", "sns"]);

/** Why a delivery need not even be tried; undefined when it may be. */
export function refusal({ target, ruleArn, exists, allowed }: Delivery): DeliveryFailure | undefined {
  const service = target.Arn.split(":")[2] ?? "";
  if (!SERVED.has(service)) {
    return { code: "INVALID_PARAMETER", message: `targets of ${service} are not served by the local cloud` };
  }
  if (target.InputPath !== undefined || target.InputTransformer !== undefined) {
    return {
      code: "INVALID_PARAMETER",
      message: "InputPath and InputTransformer are not served; use Input or neither",
    };
  }
  if (!exists) return { code: "NO_RESOURCE", message: `${target.Arn} does not exist` };
  if (!allowed) {
    const message = `the resource policy of ${target.Arn} does not let events.amazonaws.com in for ${ruleArn}`;
    return { code: "NO_PERMISSIONS", message };
  }
  return undefined;
}

/** What the target receives: its own `Input` or the whole event. */
export function payloadOf(event: Envelope, target: Target): string {
  return target.Input ?? JSON.stringify(event);
}

/** Milliseconds until the next attempt, or which condition ends the attempts. */
export function nextAttempt(
  target: Target,
  retries: number,
  ageMs: number,
): { readonly pauseMs: number } | { readonly exhausted: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds" } {
  const { MaximumRetryAttempts = MAXIMUM_ATTEMPTS, MaximumEventAgeInSeconds = MAXIMUM_AGE_SECONDS } =
    target.RetryPolicy ?? {};
  if (retries >= MaximumRetryAttempts) return { exhausted: "MaximumRetryAttempts" };
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** retries, LONGEST_PAUSE_MS);
  return ageMs + pauseMs > MaximumEventAgeInSeconds * 1000 ? { exhausted: "MaximumEventAgeInSeconds" } : { pauseMs };
}

/** The attributes of a message in a dead-letter queue (EventBridge User Guide, "Using dead-letter queues"). */
export function deadLetterAttributes(
  { ruleArn, target }: Delivery,
  failure: DeliveryFailure,
  retries: number,
  exhausted: string | undefined,
): Record<string, string> {
  return {
    RULE_ARN: ruleArn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    RETRY_ATTEMPTS: String(retries),
    ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
  };
}
