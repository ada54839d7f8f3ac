import { describe, expect, test } from "@jest/globals";
import { alarmsTreatMissingData } from "../../../../policy/rules/alarmsTreatMissingData";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const alarm = (treatMissingData: unknown, type = "aws:cloudwatch/metricAlarm:MetricAlarm") =>
  judged(alarmsTreatMissingData, [{ type, name: "failed-jobs", props: { treatMissingData } }]);

describe("alarms-treat-missing-data", () => {
  test.each(["breaching", "notBreaching", "ignore"])("accepts an alarm that says %s", (said) => {
    expect(alarm(said)).toEqual([]);
  });

  test.each([undefined, "missing", "", "nothing"])(
    "refuses an alarm that says %p, which nobody can tell from silence",
    (said) => {
      expect(alarm(said)).toEqual([
        "failed-jobs: set treatMissingData to breaching, notBreaching or ignore: missing is also what AWS takes where nothing is said",
      ]);
    },
  );

  test("refuses an alarm of which nobody knows it before the update", () => {
    expect(alarm(UNKNOWN)).toEqual([
      "failed-jobs: treatMissingData is not known before the update; write breaching, notBreaching or ignore: what no data means must be seen",
    ]);
  });

  test("has nothing to say about a composite alarm, which has no data", () => {
    expect(alarm(undefined, "aws:cloudwatch/compositeAlarm:CompositeAlarm")).toEqual([]);
  });
});
