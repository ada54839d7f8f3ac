import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { OutputSplitter } from "../../../../local/codebuild/outputSplitter";

const MARK = "kiro-mark";

function split(chunks: readonly Buffer[]): { lines: string[]; splitter: OutputSplitter } {
  const lines: string[] = [];
  const splitter = new OutputSplitter(MARK, (line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  return { lines, splitter };
}

describe("OutputSplitter", () => {
  it("gives the same lines however the stream is cut", async () => {
    const text = Buffer.from(`eins\nzwölf\r\n\nohne Ende${MARK}danach\n`);
    const expected = ["eins", "zwölf", "", "ohne Ende", "danach"];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 6 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const { lines, splitter } = split(at.slice(1).map((end, index) => text.subarray(at[index], end)));
        await splitter.marker();
        expect(lines).toEqual(expected);
      }),
    );
  });

  it("cuts lines that no log event could hold", () => {
    const { lines, splitter } = split([Buffer.from(`${"x".repeat(450_000)}\n${"y".repeat(250_000)}`)]);
    splitter.flush();
    expect(lines.map(({ length }) => length)).toEqual([200_000, 200_000, 50_000, 200_000, 50_000]);
  });
});
