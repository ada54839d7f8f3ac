/** How failures reach the engine: AWS's code first, the URN last; half-made resources with all that is known of them. */

import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { toStruct, type Properties } from "./values";

/** A resource exists but could not be completed: the engine records it, so that the next `up` repairs it. */
export class HalfMade extends Error {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly inputs: Properties,
    override readonly cause: unknown,
  ) {
    super(describe(cause));
    this.name = "HalfMade";
  }
}

/** `AccessDenied: message`; the name is left out where it says nothing. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError && error.message === "" ? error.errors.map(describe).join("; ") : "";
  const message = error.message || inner;
  return error.name === "Error" || error.name === "HalfMade" ? message : `${error.name}: ${message}`;
}

export function errorCode(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

export function toServiceError(error: unknown, urn: string): Pick<ServiceError, "code" | "details" | "metadata"> {
  const message = urn === "" ? describe(error) : `${describe(error)} (${urn})`;
  const metadata = new Metadata();
  if (error instanceof HalfMade) metadata.add("grpc-status-details-bin", initFailedDetails(error, message));
  return { code: status.UNKNOWN, details: message, metadata };
}

function initFailedDetails(error: HalfMade, message: string): Buffer {
  const failed = new provider.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(toStruct(error.properties));
  failed.setInputs(toStruct(error.inputs));
  failed.setReasonsList([message]);
  const details = new Any();
  details.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(message);
  answer.addDetails(details);
  return Buffer.from(answer.serializeBinary());
}
