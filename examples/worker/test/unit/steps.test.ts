import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runStep } from "../../src/steps";

describe("word-statistics", () => {
  const statistics = (text: string) => runStep({ do: "word-statistics", text });

  it("counts words whatever their case, their script and what stands between them", () => {
    assert.deepEqual(statistics("Don't stop – DON'T, größer größer größer"), {
      words: 6,
      distinct: 3,
      mostFrequent: "größer",
      times: 3,
    });
  });

  it("prefers the first in the alphabet among equally frequent words", () => {
    assert.equal(statistics("b a c a b")["mostFrequent"], "a");
  });

  it("finds nothing in a text without words", () => {
    assert.deepEqual(statistics(" … "), { words: 0, distinct: 0, mostFrequent: null, times: 0 });
  });
});

describe("checksum-manifest", () => {
  it("writes the lines of sha256sum, sorted by name, and a digest of them", () => {
    const expected = {
      files: 2,
      manifest:
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt\n" +
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  b.txt\n",
      digest: "d6ed5da32846d4f502b7275c644e74a583b9df7298173daf98084671b01f5b76",
    };
    assert.deepEqual(runStep({ do: "checksum-manifest", files: { "b.txt": "hello\n", "a.txt": "" } }), expected);
    assert.deepEqual(runStep({ do: "checksum-manifest", files: { "a.txt": "", "b.txt": "hello\n" } }), expected);
  });
});
