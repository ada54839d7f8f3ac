/** Something that a human must look at. */
export interface Incident {
  /** The same trouble again is the same incident. */
  readonly deduplicationKey: string;
  readonly title: string;
  readonly description: string;
  readonly severity: "1" | "2" | "3" | "4";
}

export interface Incidents {
  /** Opens it, unless one with the same key is open. */
  open(incident: Incident): Promise<void>;
}
