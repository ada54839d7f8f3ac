import { describeError } from "./clients";

/** A phase failed for a reason that its context tells, in AWS's words where AWS has them. */
export class PhaseFailure extends Error {
  constructor(
    readonly statusCode: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Runs `work`; what it throws becomes a failure of the phase with `statusCode`, `doing` in front of the reason. */
export async function failingAs<T>(statusCode: string, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PhaseFailure) throw error;
    throw new PhaseFailure(statusCode, `${doing}: ${describeError(error)}`, { cause: error });
  }
}
