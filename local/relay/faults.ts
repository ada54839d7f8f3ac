import { type Envelope } from "../cloud/eventBus";

/** What the relay does with events; all but `normal` is for trials of what EventBridge may do to them on AWS. */
export type RelayMode =
  | { readonly kind: "normal" }
  /** Keeps events until another mode is set. */
  | { readonly kind: "hold"; readonly detailType?: string }
  /** Loses events. */
  | { readonly kind: "drop"; readonly detailType?: string }
  /** Delivers each event this often. */
  | { readonly kind: "duplicate"; readonly times: number; readonly detailType?: string };

/** How events that were held are let go. */
export type ReleaseOrder = "in-order" | "reversed";

/** Decides what becomes of each event. Pure but for what it holds. */
export class Faults {
  private mode: RelayMode = { kind: "normal" };
  private held: Envelope[] = [];

  /** The events to deliver now for one that came: it once, several times, or not. */
  take(event: Envelope): readonly Envelope[] {
    const { mode } = this;
    if (mode.kind === "normal" || (mode.detailType ?? event["detail-type"]) !== event["detail-type"]) return [event];
    switch (mode.kind) {
      case "hold":
        this.held.push(event);
        return [];
      case "drop":
        return [];
      case "duplicate":
        return Array.from({ length: mode.times }, () => event);
    }
  }

  /** Sets the mode; what was held is given back to be delivered, unless the new mode holds, too. */
  change(mode: RelayMode, order: ReleaseOrder = "in-order"): readonly Envelope[] {
    this.mode = mode;
    if (mode.kind === "hold") return [];
    const released = order === "reversed" ? this.held.reverse() : this.held;
    this.held = [];
    return released;
  }

  /** What is held at this moment. */
  get waiting(): readonly Envelope[] {
    return this.held;
  }
}
