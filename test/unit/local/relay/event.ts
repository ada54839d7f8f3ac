import { type Envelope } from "../../../../local/cloud/eventBus";

/** An event of the default bus. */
export function event(id: string, detailType = "Something Happened"): Envelope {
  return {
    version: "0",
    id,
    "detail-type": detailType,
    source: "aws.test",
    account: "000000000000",
    time: "2026-01-02T03:04:05Z",
    region: "us-east-1",
    resources: [],
    detail: {},
  };
}
