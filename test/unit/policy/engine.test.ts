import { describe, expect, jest, test } from "@jest/globals";
import { type PolicyResource } from "@pulumi/policy";
import { declaredBy } from "../../../policy/engine";
import { UNKNOWN } from "../../../policy/values";

/** The very proxy that the engine's resources come in; its types are internal to the package. */
const { unknownCheckingProxy, ...proxy } = jest.requireActual<{
  readonly unknownCheckingProxy: (props: object) => Record<string, unknown>;
  unknownStringValue: string;
  unknownObjectValue: string;
  unknownArrayValue: string;
}>("@pulumi/policy/proxy");

const URN = "urn:pulumi:prod::kiro-pipeline::aws:sns/topic:Topic::notices";

function resource(props: Record<string, unknown>, more: Partial<PolicyResource> = {}): PolicyResource {
  return {
    urn: URN,
    type: "aws:sns/topic:Topic",
    name: "notices",
    props: unknownCheckingProxy(props),
    opts: {} as PolicyResource["opts"],
    dependencies: [],
    propertyDependencies: {},
    isType: () => false,
    asType: () => undefined,
    ...more,
  };
}

describe("a resource as the engine hands it over", () => {
  test("is read with everything that is known", () => {
    const props = { name: "kiro", fifo: false, size: 3, none: null, tags: { Project: "Kiro" }, list: [{ a: [1] }] };
    expect(declaredBy(resource(props))).toEqual({
      urn: URN,
      type: "aws:sns/topic:Topic",
      name: "notices",
      props,
      dependencies: {},
    });
  });

  test("has UNKNOWN for what only the update will know, wherever it is", () => {
    const props = {
      arn: proxy.unknownStringValue,
      tags: proxy.unknownObjectValue,
      list: ["a", proxy.unknownStringValue, { b: proxy.unknownArrayValue, c: "d" }],
    };
    expect(declaredBy(resource(props)).props).toEqual({
      arn: UNKNOWN,
      tags: UNKNOWN,
      list: ["a", UNKNOWN, { b: UNKNOWN, c: "d" }],
    });
  });

  test("names its parent and what each property is made from by their URNs", () => {
    const key = resource({}, { urn: "urn:of:key" });
    const { parent, dependencies } = declaredBy(
      resource({}, { parent: resource({}, { urn: "urn:of:owner" }), propertyDependencies: { kmsMasterKeyId: [key] } }),
    );
    expect([parent, dependencies]).toEqual(["urn:of:owner", { kmsMasterKeyId: ["urn:of:key"] }]);
  });

  test.each([new Error("out of memory"), new TypeError("not a proxy")])(
    "hides no other failure of reading: %s",
    (failure) => {
      const props = Object.defineProperty({}, "arn", {
        enumerable: true,
        get: () => {
          throw failure;
        },
      }) as Record<string, unknown>;
      expect(() => declaredBy(resource({}, { props }))).toThrow(failure);
    },
  );
});
