import { z } from "zod";
import { type AwsEvent } from "../services/contract";
import { type Addressee } from "./emulator";
import { type RelayMode, type ReleaseOrder } from "./faults";

const emulatorEvent = z.strictObject({
  source: z.string().min(1),
  detailType: z.string().min(1),
  account: z.string(),
  region: z.string(),
  /** Seconds since 1970. */
  time: z.number(),
  resources: z.array(z.string()),
  detail: z.record(z.string(), z.unknown()),
  delivery: z.strictObject({ rule: z.string(), targetId: z.string() }).optional(),
});

/** What the emulator has told: an event for the bus, or with an addressee one for that target alone. */
export interface EmulatorEvent {
  readonly event: AwsEvent;
  readonly account: string;
  readonly region: string;
  readonly addressee: Addressee | undefined;
}

/** @throws ZodError that names what is wrong. */
export function parseEmulatorEvent(body: unknown): EmulatorEvent {
  const { time, account, region, delivery, ...event } = emulatorEvent.parse(body);
  return { event: { ...event, time: new Date(time * 1000) }, account, region, addressee: delivery };
}

const detailType = z.string().min(1).optional();
const relayChange = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("normal"), release: z.enum(["in-order", "reversed"]).optional() }),
  z.strictObject({ mode: z.literal("hold"), detailType }),
  z.strictObject({ mode: z.literal("drop"), detailType }),
  z.strictObject({ mode: z.literal("duplicate"), times: z.number().int().min(2).max(100), detailType }),
]);

/** The body of `POST /_kiro/relay`. */
export type RelayRequest = z.input<typeof relayChange>;

/** @throws ZodError that names what is wrong. */
export function parseRelayRequest(body: unknown): { readonly mode: RelayMode; readonly order?: ReleaseOrder } {
  const request = relayChange.parse(body);
  if (request.mode === "normal") {
    return { mode: { kind: "normal" }, ...(request.release === undefined ? {} : { order: request.release }) };
  }
  const only = request.detailType === undefined ? {} : { detailType: request.detailType };
  if (request.mode === "duplicate") return { mode: { kind: "duplicate", times: request.times, ...only } };
  return { mode: { kind: request.mode, ...only } };
}
