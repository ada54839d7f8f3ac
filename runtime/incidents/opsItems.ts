import { CreateOpsItemCommand, OpsItemAlreadyExistsException, type SSMClient } from "@aws-sdk/client-ssm";
import type { Incident, Incidents } from "./ports";

/** OpsCenter refuses longer ones. */
const LONGEST_TITLE = 1024;
const LONGEST_DESCRIPTION = 2048;

/** Incidents as OpsItems of Systems Manager. One that is resolved there may be opened again. */
export function opsItems(client: SSMClient, pipelineName: string): Incidents {
  return {
    async open({ deduplicationKey, title, description, severity }: Incident): Promise<void> {
      // With the pipeline's name, so that installations of one account do not take each other's for their own.
      const dedupString = `${pipelineName}: ${deduplicationKey}`;
      try {
        await client.send(
          new CreateOpsItemCommand({
            Title: `${pipelineName}: ${title}`.replace(/\s+/g, " ").slice(0, LONGEST_TITLE),
            Description: description.slice(0, LONGEST_DESCRIPTION),
            Source: "kiro-pipeline",
            Severity: severity,
            OperationalData: {
              "/aws/dedup": { Type: "SearchableString", Value: JSON.stringify({ dedupString }) },
            },
          }),
        );
      } catch (error) {
        if (!(error instanceof OpsItemAlreadyExistsException)) throw error;
      }
    },
  };
}
