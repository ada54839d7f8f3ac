import { Program } from "./program";
import { type Example } from "./rule";

/** The program that declares these resources; what an example uses or belongs to, it names by the other's logical name. */
export function programOf(examples: readonly Example[]): Program {
  const urn = ({ type, name }: Example): string => `urn:pulumi:test::kiro-pipeline::${type}::${name}`;
  const urnOf = (name: string): string => {
    const used = examples.find((example) => example.name === name);
    if (used === undefined) throw new Error(`the example uses ${name}, which it does not declare`);
    return urn(used);
  };
  return new Program(
    examples.map((example) => ({
      urn: urn(example),
      type: example.type,
      name: example.name,
      props: example.props,
      dependencies: Object.fromEntries(
        Object.entries(example.uses ?? {}).map(([property, names]) => [property, names.map(urnOf)]),
      ),
      ...(example.parent === undefined ? {} : { parent: urnOf(example.parent) }),
    })),
  );
}
