import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { powertoolsLog } from "../../../../runtime/rollback/powertoolsLog";

/** What is written to a stream of this process while `act` runs. */
function linesOf(stream: NodeJS.WriteStream, act: () => void): unknown[] {
  const lines: unknown[] = [];
  jest.spyOn(stream, "write").mockImplementation((chunk) => {
    lines.push(JSON.parse(String(chunk)));
    return true;
  });
  act();
  return lines;
}
afterEach(() => {
  jest.restoreAllMocks();
});

describe("a line of the log", () => {
  it("is one JSON object, whose details keep their names", () => {
    const log = powertoolsLog("rollback");
    const act = () => log.info("decided", { level: "full", environment: "production" });
    expect(linesOf(process.stdout, act)).toEqual([
      expect.objectContaining({
        level: "INFO",
        message: "decided",
        service: "rollback",
        details: { level: "full", environment: "production" },
      }),
    ]);
  });

  it("can be a warning", () => {
    const log = powertoolsLog("rollback");
    const act = () => log.warn("a metric was lost", { metric: "RollbackCount" });
    expect(linesOf(process.stderr, act)).toEqual([
      expect.objectContaining({
        level: "WARN",
        message: "a metric was lost",
        service: "rollback",
        details: { metric: "RollbackCount" },
      }),
    ]);
  });
});
