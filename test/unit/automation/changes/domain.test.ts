import { expect, test } from "@jest/globals";
import { CHANGE_CLASSES, highest } from "../../../../automation/changes/domain";

test("the classes rise from nothing to more rights", () => {
  expect(CHANGE_CLASSES).toEqual([
    "none",
    "metadata-only",
    "outputs-only",
    "update",
    "replace-or-delete-of-stateful",
    "widens-permissions",
  ]);
});

test("a set of changes is what the highest of them is", () => {
  expect(highest([])).toBe("none");
  for (const [rank, one] of CHANGE_CLASSES.entries()) {
    expect(highest([one])).toBe(one);
    for (const lower of CHANGE_CLASSES.slice(0, rank))
      expect([highest([lower, one]), highest([one, lower])]).toEqual([one, one]);
  }
});
