import { describe, expect, it } from "@jest/globals";
import { createProgress, seconds } from "../../../automation/progress";

describe("progress", () => {
  it("says how a step ended and after how long", async () => {
    const written: string[] = [];
    const times = [0, 2140, 5000, 80_000];
    const progress = createProgress({
      write: (text) => void written.push(text),
      now: () => times.shift() ?? 0,
      green: (text) => `+${text}`,
      red: (text) => `-${text}`,
    });
    expect(await progress.step("preview", async () => 7)).toBe(7);
    await expect(progress.step("up", () => Promise.reject(new Error("denied")))).rejects.toThrow("denied");
    progress.line("done");
    expect(written).toEqual(["+✔ preview 2.1 s\n", "-✖ up 75 s\n", "done\n"]);
  });

  it("drops the tenths of long times", () => {
    expect([seconds(0), seconds(59_940), seconds(61_400)]).toEqual(["0.0 s", "59.9 s", "61 s"]);
  });
});
