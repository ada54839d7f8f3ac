import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { configMistakes, readConfig } from "../../../../local/provider/config";
import { UNKNOWN } from "../../../../local/provider/values";

const before = { ...process.env };

describe("the provider's configuration", () => {
  beforeEach(() => {
    delete process.env["AWS_REGION"];
    delete process.env["AWS_DEFAULT_REGION"];
  });
  afterEach(() => {
    process.env = { ...before };
  });

  test("default tags come as JSON text or as an object", () => {
    const tags = { Project: "trial" };
    expect(readConfig({ region: "eu-west-1", defaultTags: JSON.stringify({ tags }) }).defaultTags).toEqual(tags);
    expect(readConfig({ region: "eu-west-1", defaultTags: { tags } }).defaultTags).toEqual(tags);
    expect(readConfig({ region: "eu-west-1", defaultTags: UNKNOWN }).defaultTags).toEqual({});
  });

  test("the region comes from the configuration, else from the environment, else it is missed", () => {
    expect(() => readConfig({})).toThrow("no region");
    process.env["AWS_DEFAULT_REGION"] = "eu-north-1";
    expect(readConfig({}).region).toBe("eu-north-1");
    process.env["AWS_REGION"] = "eu-west-2";
    expect(readConfig({}).region).toBe("eu-west-2");
    expect(readConfig({ region: "eu-west-1" }).region).toBe("eu-west-1");
  });

  test("an unknown key is named", () => {
    expect(configMistakes({ region: "x", version: "7.48.0", skipCredentialsValidation: "true" })).toEqual([]);
    expect(configMistakes({ profil: "x" })).toMatchObject([{ property: "profil" }]);
    expect(configMistakes({ defaultTags: '{"tag":{}}' })).toMatchObject([{ property: "defaultTags" }]);
  });
});
