import { Logger } from "@aws-lambda-powertools/logger";
import type { RollbackLog } from "./ports";

/** One line of JSON a call, at the level that the environment asks for (INFO unless it says otherwise). */
export function powertoolsLog(serviceName: string): RollbackLog {
  const logger = new Logger({ serviceName });
  // Details stay under one key: beside the line's own, those of the same name (`level`, `message`) would be dropped.
  return {
    info: (message, details) => logger.info(message, { details }),
    warn: (message, details) => logger.warn(message, { details }),
  };
}
