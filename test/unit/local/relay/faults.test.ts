import { describe, expect, it } from "@jest/globals";
import { Faults } from "../../../../local/relay/faults";
import { event } from "./event";

const [a, b, other] = [event("a"), event("b"), event("c", "Another Thing")];

describe("faults of the relay", () => {
  it("are none at first", () => {
    expect(new Faults().take(a)).toEqual([a]);
  });

  it("hold events and give them back in the order asked for", () => {
    for (const [order, expected] of [
      [undefined, [a, b]],
      ["in-order" as const, [a, b]],
      ["reversed" as const, [b, a]],
    ] as const) {
      const faults = new Faults();
      expect(faults.change({ kind: "hold" })).toEqual([]);
      expect([...faults.take(a), ...faults.take(b)]).toEqual([]);
      expect(faults.waiting).toEqual([a, b]);
      expect(faults.change({ kind: "normal" }, order)).toEqual(expected);
      expect(faults.waiting).toEqual([]);
      expect(faults.take(a)).toEqual([a]);
    }
  });

  it("go on holding what is held when they are asked to hold again", () => {
    const faults = new Faults();
    faults.change({ kind: "hold" });
    faults.take(a);
    expect(faults.change({ kind: "hold", detailType: "Another Thing" })).toEqual([]);
    expect(faults.take(b)).toEqual([b]);
    expect(faults.change({ kind: "drop" })).toEqual([a]);
  });

  it("lose events", () => {
    const faults = new Faults();
    faults.change({ kind: "drop" });
    expect(faults.take(a)).toEqual([]);
    expect(faults.change({ kind: "normal" })).toEqual([]);
  });

  it("repeat events", () => {
    const faults = new Faults();
    faults.change({ kind: "duplicate", times: 3 });
    expect(faults.take(a)).toEqual([a, a, a]);
  });

  it("touch only events of the detail-type that is named", () => {
    const faults = new Faults();
    faults.change({ kind: "duplicate", times: 2, detailType: "Another Thing" });
    expect([faults.take(a), faults.take(other)]).toEqual([[a], [other, other]]);
  });
});
