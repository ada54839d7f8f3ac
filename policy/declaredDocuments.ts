import { type Declared, type Program } from "./program";
import { UNKNOWN } from "./values";

/**
 * The IAM document that a property holds.
 *
 * The text of a document is unknown before the update as a whole as soon as one ARN in it is. So the component that
 * makes it declares the same statements in its outputs, as `policyDocuments: { [logical name]: document }`: there the
 * shape is known, and only the ARN is not. A component of another program could declare anything, and is not believed;
 * neither is a declaration where the property itself is known. At the end of the update the text itself is judged. The
 * driver takes no worker's program that calls itself like ours.
 */
export function documentOf(program: Program, resource: Declared, property: string): unknown {
  const value = resource.props[property];
  if (value !== UNKNOWN) return value;
  const owner = program.get(resource.parent);
  if (owner === undefined || !owner.type.startsWith("kiro:pipeline:") || !isOurs(owner)) return UNKNOWN;
  const declared = owner.props["policyDocuments"];
  if (typeof declared !== "object" || declared === null || !Object.hasOwn(declared, resource.name)) return UNKNOWN;
  return (declared as Readonly<Record<string, unknown>>)[resource.name];
}

/** `urn:pulumi:STACK::PROJECT::…` */
const isOurs = ({ urn }: Declared): boolean => urn.split("::")[1] === "kiro-pipeline";
