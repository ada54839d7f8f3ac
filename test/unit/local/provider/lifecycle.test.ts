import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Clients } from "../../../../local/provider/clients";
import { HalfMade } from "../../../../local/provider/failures";
import { policy, text } from "../../../../local/provider/fields";
import * as lifecycle from "../../../../local/provider/lifecycle";
import { defineType, tags, type AnyLive, type ResourceType } from "../../../../local/provider/resourceType";
import { UNKNOWN, secret, type Properties } from "../../../../local/provider/values";

interface ThingArgs {
  readonly name?: string;
  readonly colour?: string;
  readonly size?: string;
  readonly password?: string;
  readonly document?: string;
  readonly tags?: Record<string, string>;
}

/** A type whose resources live in memory. */
class Shelf {
  readonly things = new Map<string, Readonly<Record<string, unknown>>>();
  failAfterMade = false;

  readonly type: ResourceType = defineType<ThingArgs>({
    token: "aws:test/thing:Thing",
    fields: {
      name: text({ replaces: true }),
      colour: text({ replaces: true }),
      size: text({ default: "small" }),
      password: text({ secret: true }),
      document: policy(),
      tags,
    },
    outputs: ["arn", "version"],
    volatile: ["version"],
    name: { property: "name", max: 20 },
    identity: ["name"],
    tagged: true,
    gone: ["NotFound"],
    create: async (inputs, _aws, made) => {
      const { name } = inputs as unknown as { name: string };
      this.things.set(name, inputs);
      made(name);
      if (this.failAfterMade) throw Object.assign(new Error("no more"), { name: "Throttled" });
      return name;
    },
    update: async (id, inputs) => {
      this.things.set(id, inputs);
    },
    read: async (id): Promise<AnyLive | undefined> => {
      const found = this.things.get(id);
      if (found === undefined) throw Object.assign(new Error("where is it?"), { name: "NotFound" });
      const { tagsAll, ...inputs } = found;
      return { inputs: { ...inputs, tags: tagsAll }, outputs: { arn: `arn:${id}`, version: "1" } };
    },
    remove: async (id) => {
      if (!this.things.delete(id)) throw Object.assign(new Error("where is it?"), { name: "NotFound" });
    },
  });
}

const defaultTags = { Project: "trial" };
let shelf: Shelf;
let aws: Clients;

beforeEach(() => {
  shelf = new Shelf();
  aws = new Clients("us-east-1");
});
afterEach(() => aws.destroy());

function check(news: Properties, olds: Properties = {}): Properties {
  return lifecycle.check(shelf.type, { name: "thing", news, olds, randomSeed: Buffer.from("s"), defaultTags }).inputs;
}

describe("check", () => {
  test("an automatic name has seven hex digits, fits, and stays over updates", () => {
    const first = check({});
    expect(first["name"]).toMatch(/^thing-[0-9a-f]{7}$/);
    expect(check({}, { name: "thing-old" })["name"]).toBe("thing-old");
    const long = lifecycle.check(shelf.type, {
      name: "a-very-very-long-logical-name",
      news: {},
      olds: {},
      randomSeed: Buffer.from("s"),
      defaultTags,
    }).inputs;
    expect(long["name"]).toMatch(/^a-very-very-.[0-9a-f]{7}$/);
    expect(long["name"]).toHaveLength(20);
  });

  test("default tags are merged, and the program's own win", () => {
    expect(check({ tags: { A: "1", Project: "mine" } })["tagsAll"]).toEqual({ A: "1", Project: "mine" });
    expect(check({})["tagsAll"]).toEqual({ Project: "trial" });
    expect(check({ tags: UNKNOWN })["tagsAll"]).toBe(UNKNOWN);
    expect(check({ tags: secret({ A: "1" }) })["tagsAll"]).toEqual(secret({ Project: "trial", A: "1" }));
  });

  test("what the type calls secret becomes one, whatever the program said", () => {
    expect(check({ password: "hush" })["password"]).toEqual(secret("hush"));
  });

  test("a document given as an object becomes text, and unknown as long as a part is", () => {
    expect(check({ document: { Statement: [] } })["document"]).toBe('{"Statement":[]}');
    expect(check({ document: { Statement: [UNKNOWN] } })["document"]).toBe(UNKNOWN);
    expect(check({ document: { Id: secret("x") } })["document"]).toEqual(secret('{"Id":"x"}'));
  });
});

describe("diff", () => {
  test("while the physical name stays, the old one goes first", () => {
    const named = check({ name: "mine", colour: "red" });
    expect(lifecycle.diff(shelf.type, named, { ...named, colour: "blue" }).deleteBeforeReplace).toBe(true);
    const renamed = { ...named, colour: "blue", name: "other" };
    expect(lifecycle.diff(shelf.type, named, renamed).deleteBeforeReplace).toBe(false);
  });

  test("an automatic name changes with the replacement, so the new one can come first", () => {
    const automatic = check({ colour: "red" });
    expect(lifecycle.diff(shelf.type, automatic, { ...automatic, colour: "blue" }).deleteBeforeReplace).toBe(false);
  });
});

describe("create, read, update, remove", () => {
  test("AWS gets the plain secret, the state the wrapped one", async () => {
    const inputs = check({ name: "a", password: "hush" });
    const { id, properties } = await lifecycle.create(shelf.type, inputs, aws);
    expect(shelf.things.get(id)?.["password"]).toBe("hush");
    expect(properties).toMatchObject({ password: secret("hush"), arn: "arn:a", size: "small" });
    expect(properties).not.toHaveProperty("__defaults");
  });

  test("what was made but not completed is told with its id and inputs", async () => {
    shelf.failAfterMade = true;
    const inputs = check({ name: "a" });
    const failure = await lifecycle.create(shelf.type, inputs, aws).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HalfMade);
    expect(failure).toMatchObject({ id: "a", inputs, message: "Throttled: no more" });
  });

  test("a preview knows the inputs, not the outputs; on update only what may change is unknown", async () => {
    const inputs = check({ name: "a" });
    expect(lifecycle.previewCreate(shelf.type, inputs)).toMatchObject({ name: "a", arn: UNKNOWN, version: UNKNOWN });
    const { properties } = await lifecycle.create(shelf.type, inputs, aws);
    const next = lifecycle.previewUpdate(shelf.type, properties, { ...inputs, size: "big" });
    expect(next).toMatchObject({ size: "big", arn: "arn:a", version: UNKNOWN });
  });

  test("a refresh takes over what differs and leaves the rest as it was said", async () => {
    const inputs = check({ name: "a", size: "small", password: "hush", tags: { A: "1" } });
    await lifecycle.create(shelf.type, inputs, aws);
    const unchanged = await lifecycle.read(shelf.type, "a", inputs, defaultTags, aws);
    expect(unchanged?.inputs).toEqual(inputs);
    shelf.things.set("a", { name: "a", size: "huge", password: "other", tagsAll: { Project: "trial", A: "2" } });
    const drifted = await lifecycle.read(shelf.type, "a", inputs, defaultTags, aws);
    expect(drifted?.inputs).toMatchObject({
      size: "huge",
      password: secret("other"),
      tags: { A: "2" },
      tagsAll: { Project: "trial", A: "2" },
    });
  });

  test("an import takes everything but defaults", async () => {
    await lifecycle.create(shelf.type, check({ name: "a", size: "small", password: "hush", tags: { A: "1" } }), aws);
    const imported = await lifecycle.read(shelf.type, "a", {}, defaultTags, aws);
    expect(imported?.inputs).toEqual({
      name: "a",
      password: secret("hush"),
      tags: { A: "1" },
      tagsAll: { A: "1", Project: "trial" },
    });
  });

  test("what is gone reads as gone and is deleted in peace", async () => {
    expect(await lifecycle.read(shelf.type, "nowhere", {}, defaultTags, aws)).toBeUndefined();
    await expect(lifecycle.remove(shelf.type, "nowhere", {}, aws)).resolves.toBeUndefined();
  });

  test("other failures of a delete are failures", async () => {
    const type = { ...shelf.type, remove: () => Promise.reject(new Error("in use")) };
    await expect(lifecycle.remove(type, "a", {}, aws)).rejects.toThrow("in use");
  });
});
