import type { Installation } from "./naming";

/** What everything of an installation is tagged with; set once, as the provider's default tags. */
export function installationTags(installation: Installation): Record<string, string> {
  return { Project: "KiroWorker", Environment: installation, ManagedBy: "Pulumi", Feature: "CDPipeline" };
}
