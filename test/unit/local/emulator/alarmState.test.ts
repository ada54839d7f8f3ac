import { beforeAll, describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { emulatorPython, projectRoot } from "../../../../local/cloud/paths";

const RETAINED = "retained";
const [OK, ALARM, UNKNOWN] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

/**
 * Datapoints (the newest last, as the user guide draws them: `0` good, `X` bad, `-` missing), DatapointsToAlarm, and the
 * state with missing data treated as missing, ignore, breaching and notBreaching. The rows with a source are those of
 * the user guide's tables whose missing datapoints lie inside of the evaluation periods.
 */
const ROWS: readonly (readonly [string, number, readonly (string | undefined)[]])[] = [
  ["000", 3, [OK, OK, OK, OK]],
  ["XXX", 3, [ALARM, ALARM, ALARM, ALARM]],
  ["0XX", 3, [OK, OK, OK, OK]],
  ["---", 3, [UNKNOWN, RETAINED, ALARM, OK]],
  ["--0", 3, [OK, OK, OK, OK]],
  ["X--", 3, [ALARM, RETAINED, ALARM, OK]],
  // Too young to raise an alarm of three.
  ["--X", 3, [RETAINED, RETAINED, ALARM, OK]],
  ["-XX", 3, [RETAINED, RETAINED, ALARM, OK]],
  ["0X-", 2, [OK, OK, ALARM, OK]],
  ["X0X", 2, [ALARM, ALARM, ALARM, ALARM]],
  ["-X-", 2, [ALARM, RETAINED, ALARM, OK]],
  ["X", 1, [ALARM, ALARM, ALARM, ALARM]],
  ["-", 1, [UNKNOWN, RETAINED, ALARM, OK]],
];
const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"];

const PROGRAM = `
import json, sys
sys.path.insert(0, sys.argv[1])
import alarm_state
call = {"next_state": alarm_state.next_state, "reason": alarm_state.reason}
print(json.dumps([call[name](*given) for name, given in json.load(sys.stdin)]))
`;

/** One Python for all cases: it is the start that costs. */
function ask(calls: readonly (readonly [string, readonly unknown[]])[]): readonly string[] {
  const root = projectRoot();
  const args = ["-B", "-c", PROGRAM, join(root, "local", "emulator")];
  return JSON.parse(
    execFileSync(emulatorPython(root), args, { input: JSON.stringify(calls), encoding: "utf8" }),
  ) as readonly string[];
}

const breaching = (drawn: string) => [...drawn].reverse().map((sign) => (sign === "-" ? null : sign === "X"));

describe("the state of an alarm", () => {
  let states: readonly string[];
  beforeAll(() => {
    states = ask(
      ROWS.flatMap(([drawn, needed]) =>
        TREATMENTS.map((treatment) => ["next_state", [breaching(drawn), needed, treatment, RETAINED]] as const),
      ),
    );
  });

  it.each(ROWS.map((row, index) => [...row, index] as const))(
    "with %s, %d needed, is %j",
    (_drawn, _needed, expected, index) => {
      expect(states.slice(index * TREATMENTS.length, (index + 1) * TREATMENTS.length)).toEqual(expected);
    },
  );
});

it("the reason of a state is worded as CloudWatch words it", () => {
  const above = "GreaterThanOrEqualToThreshold";
  expect(
    ask([
      ["reason", [ALARM, [3, null], above, 1, 1, "notBreaching"]],
      ["reason", [OK, [0.5, 0], above, 1, 2, "notBreaching"]],
      ["reason", [OK, [null], above, 1, 1, "notBreaching"]],
      ["reason", [ALARM, [null, null], above, 1, 1, "breaching"]],
      ["reason", [UNKNOWN, [null], above, 1, 1, "missing"]],
    ]),
  ).toEqual([
    "Threshold Crossed: 1 out of the last 2 datapoints [3] was greater than or equal to the threshold (1) (minimum 1 datapoint for OK -> ALARM transition).",
    "Threshold Crossed: 2 out of the last 2 datapoints [0.5, 0] were not greater than or equal to the threshold (1) (minimum 2 datapoints for ALARM -> OK transition).",
    "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
    "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
    "Insufficient Data: 1 datapoint was unknown.",
  ]);
});
