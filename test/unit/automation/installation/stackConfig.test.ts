import { describe, expect, it } from "@jest/globals";
import {
  layOver,
  parseStackConfig,
  renderStackConfig,
  withSecrets,
} from "../../../../automation/installation/stackConfig";

describe("the effective config of a stack", () => {
  it("has the overlay's values over the stack's, mappings merged key by key, lists replaced", () => {
    const stack = parseStackConfig(
      "config:\n  kiro-pipeline:owner: kiro\n  kiro-pipeline:seconds: {test: 300, staging: 300}\n  kiro-pipeline:mails: [a, b]\n",
      "Pulumi.prod.yaml",
    );
    const overlay = parseStackConfig(
      "config:\n  kiro-pipeline:seconds: {test: 5}\n  kiro-pipeline:mails: [c]\n  kiro-pipeline:new: 1\n",
      "overlay.yaml",
    );
    expect(layOver(stack, overlay).config).toEqual({
      "kiro-pipeline:owner": "kiro",
      "kiro-pipeline:seconds": { test: 5, staging: 300 },
      "kiro-pipeline:mails": ["c"],
      "kiro-pipeline:new": 1,
    });
  });

  it("takes the secrets settings from the stack's state, never from the committed file", () => {
    const config = { secretsprovider: "awskms://committed", encryptedkey: "old", config: { a: 1 } };
    expect(withSecrets(config, { secretsprovider: "awskms://state", encryptedkey: "key" })).toEqual({
      secretsprovider: "awskms://state",
      encryptedkey: "key",
      config: { a: 1 },
    });
  });

  it("reads back what it writes, also digits that look like a number", () => {
    const config = { config: { "kiro-worker:accountId": "000000000000" } };
    expect(parseStackConfig(renderStackConfig(config), "x")).toEqual(config);
  });

  it("takes an empty file for an empty config", () => {
    expect(layOver(parseStackConfig("", "a"), parseStackConfig("config:\n", "b"))).toEqual({ config: {} });
  });

  it.each([["- a list"], ["config: text"], ["config: [list]"]])("refuses %j with what is allowed", (text) => {
    expect(() => parseStackConfig(text, "overlay.yaml")).toThrow(
      "overlay.yaml does not hold stack configuration. Allowed: a YAML mapping whose `config` maps keys",
    );
  });

  it("refuses what is not YAML and says where", () => {
    expect(() => parseStackConfig("config: {a: [", "overlay.yaml")).toThrow(/overlay.yaml is not YAML: .*line 1/s);
  });
});
