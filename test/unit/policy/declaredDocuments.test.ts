import { describe, expect, it } from "@jest/globals";
import { documentOf } from "../../../policy/declaredDocuments";
import { Program } from "../../../policy/program";
import { UNKNOWN } from "../../../policy/values";
import { programOf } from "./support/judge";

const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:Decrypt", Resource: UNKNOWN }] };

function found(component: { type?: string; declares?: unknown } | undefined, policy: unknown = UNKNOWN): unknown {
  const { type = "kiro:pipeline:BuildProject", declares = { rights: document } } = component ?? {};
  const program = programOf([
    ...(component === undefined ? [] : [{ type, name: "builds", props: { policyDocuments: declares } }]),
    {
      type: "aws:iam/rolePolicy:RolePolicy",
      name: "rights",
      props: { policy },
      ...(component === undefined ? {} : { parent: "builds" }),
    },
  ]);
  const [rights] = program.ofType("aws:iam/rolePolicy:RolePolicy");
  if (rights === undefined) throw new Error("the program has no policy");
  return documentOf(program, rights, "policy");
}

describe("the document of a property", () => {
  it("is the property's own value where that is known, whatever its component declares", () => {
    expect(found({}, "{}")).toBe("{}");
    expect(found({}, "")).toBe("");
  });

  it("is what its component declares under its name while the text is unknown", () => {
    expect(found({})).toBe(document);
  });

  it.each([
    ["there is no component", undefined],
    ["the component is not ours", { type: "acme:jobs:Project" }],
    ["the component only sounds like ours", { type: "acme:kiro:pipeline:Project" }],
    ["the component declares nothing", { declares: null }],
    ["the component declares a text", { declares: "rights" }],
    ["the declaration is unknown itself", { declares: UNKNOWN }],
    ["the component declares another policy", { declares: { others: document } }],
  ])("stays unknown when %s", (_, component) => {
    expect(found(component)).toBe(UNKNOWN);
  });

  it("stays unknown in a program of another name", () => {
    const ours = programOf([
      { type: "kiro:pipeline:BuildProject", name: "builds", props: { policyDocuments: { rights: document } } },
      { type: "aws:iam/rolePolicy:RolePolicy", name: "rights", props: { policy: UNKNOWN }, parent: "builds" },
    ]);
    const renamed = (urn: string): string => urn.replace("kiro-pipeline", "worker");
    const theirs = new Program(
      ours.resources.map(({ urn, parent, ...one }) => ({
        ...one,
        urn: renamed(urn),
        ...(parent === undefined ? {} : { parent: renamed(parent) }),
      })),
    );
    const [rights] = theirs.ofType("aws:iam/rolePolicy:RolePolicy");
    expect(rights && documentOf(theirs, rights, "policy")).toBe(UNKNOWN);
  });

  it("is no property that every object has", () => {
    const program = programOf([
      { type: "kiro:pipeline:BuildProject", name: "builds", props: { policyDocuments: {} } },
      { type: "aws:iam/rolePolicy:RolePolicy", name: "toString", props: { policy: UNKNOWN }, parent: "builds" },
    ]);
    expect(program.resources.map((one) => documentOf(program, one, "policy"))).toEqual([undefined, UNKNOWN]);
  });
});
