/** Examples as the TypeScript that a program would have. */
import { type Example } from "./rule";
import { UNKNOWN } from "./values";

const WIDTH = 110;

/** The statements that declare the examples. */
export function codeOf(examples: readonly Example[]): string {
  const used = new Set(examples.flatMap(({ uses }) => Object.values(uses ?? {}).flat()));
  return examples
    .map((example) => (used.has(example.name) ? `const ${variable(example.name)} = ` : "") + made(example))
    .join("\n");
}

function made({ type, name, props, uses = {} }: Example): string {
  const [, module, kind] = /^aws:(\w+)\/\w+:(\w+)$/.exec(type) ?? [];
  if (module === undefined || kind === undefined) throw new Error(`${type} is no resource of @pulumi/aws`);
  const settled = Object.fromEntries(
    Object.entries(props).map(([property, value]) => [property, settle(value, later(property, uses[property] ?? []))]),
  );
  return `${print(settled, "", `new aws.${module}.${kind}(${JSON.stringify(name)}, `)});`;
}

/** Code that stands where a value will be known only by the update. */
class Code {
  constructor(readonly text: string) {}
}

/** What makes a property unknown: an output of the resource that it is made from. */
function later(property: string, [from]: readonly string[]): Code | undefined {
  if (from === undefined) return undefined;
  if (property === "bucket") return new Code(`${variable(from)}.id`);
  const arn = `${variable(from)}.arn`;
  return new Code(property === "policy" ? `pulumi.interpolate\`{ … \${${arn}} … }\`` : arn);
}

function settle(value: unknown, unknown: Code | undefined): unknown {
  if (value === UNKNOWN && unknown === undefined) throw new Error("the example does not say what it is made from");
  if (value === UNKNOWN) return unknown;
  if (Array.isArray(value)) return value.map((inner) => settle(inner, unknown));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, settle(inner, unknown)]));
}

/** Begins with `head`; on one line where it fits, else each entry on a line of its own. */
function print(value: unknown, indent: string, head = ""): string {
  if (value instanceof Code) return head + value.text;
  if (typeof value === "string") return printText(value, indent, head);
  if (typeof value !== "object" || value === null) return head + String(value);
  if (Object.keys(value).length === 0) return `${head}{}`;
  const inner = `${indent}  `;
  const list = Array.isArray(value);
  const entries = Object.entries(value).map(([key, entry]) => print(entry, inner, list ? "" : `${keyOf(key)}: `));
  const line = head + (list ? `[${entries.join(", ")}]` : `{ ${entries.join(", ")} }`);
  if (!line.includes("\n") && indent.length + line.length <= WIDTH) return line;
  const lines = entries.map((entry) => `${inner}${entry},\n`).join("");
  return `${head}${list ? "[" : "{"}\n${lines}${indent}${list ? "]" : "}"}`;
}

/** An IAM document is text in the end; nobody writes it as one. */
function printText(text: string, indent: string, head: string): string {
  return text.startsWith("{")
    ? `${print(JSON.parse(text), indent, `${head}JSON.stringify(`)})`
    : head + JSON.stringify(text);
}

const keyOf = (key: string): string => (/^\w+$/.test(key) ? key : JSON.stringify(key));

const variable = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
