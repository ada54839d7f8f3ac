/** docs/policies.md, from the rules alone: what each asks, and an example that keeps and one that breaks it. */
import { codeOf } from "./exampleCode";
import { programOf } from "./examples";
import { type Rule } from "./rule";
import { RULES } from "./rules";

const INTRODUCTION = `<!-- prettier-ignore-start -->
<!-- Made by scripts/policyDocs.mjs from policy/rules/. -->

# Policies

What no program may do, the installations' and the worker's \`infrastructure/\` alike. Every preview judges these rules, and
nothing is updated without one: a rule that is broken refuses the update before anything has changed, with one message for
each fault and exit code 1. In a rollback the same is told and refuses nothing: what ran before must be able to run again.

A value that decides a rule must be known in the preview, or be made from a resource that settles it, such as a key of the
same program. What is set by a resource of its own (a bucket's encryption, a topic's policy) must be declared in the program;
what AWS fills in by itself does not count.

An exemption stands in \`policy-exemptions.yaml\` beside the program's \`Pulumi.yaml\`. It holds up to and including its last day
(UTC); one that has expired, or names a rule that does not exist, refuses the update itself.

\`\`\`yaml
- rule: buckets-block-public-access
  resource: aws:s3/bucket:Bucket::website
  reason: The download page is public on purpose.
  expires: 2027-01-31
\`\`\`
`;

/** The whole page. Prettier leaves it as it is. */
export function policiesPage(): string {
  return [
    INTRODUCTION,
    parity(),
    index(),
    "## The rules\n",
    ...RULES.map(section),
    "<!-- prettier-ignore-end -->\n",
  ].join("\n");
}

/** Which rules keep the promise of each rule of the cfn-guard file. */
function parity(): string {
  const replaced = new Set(RULES.map(({ replaces }) => replaces).filter((guard) => guard !== undefined));
  const rows = [...replaced].map((guard) => [
    `\`${guard}\``,
    RULES.filter(({ replaces }) => replaces === guard)
      .map(link)
      .join(", "),
  ]);
  return `## Parity with cfn-guard\n\n${table(["cfn-guard", "here"], rows)}`;
}

function index(): string {
  const rows = RULES.map((rule) => [link(rule), rule.sentence]);
  return `## All of them\n\n${table(["rule", "what it asks"], rows)}`;
}

function section(rule: Rule): string {
  const { name, sentence, harm, replaces, examples } = rule;
  const refused = rule
    .judge(programOf(examples.failing))
    .map(({ resource, message }) => `> **${resource.type}::${resource.name}**: ${message}. ${harm}`);
  return [
    `### ${name}\n`,
    `${sentence} ${replaces === undefined ? "" : `Replaces \`${replaces}\`.`}`.trimEnd(),
    `\nKeeps it:\n\n\`\`\`ts\n${codeOf(examples.passing)}\n\`\`\``,
    `\nBreaks it:\n\n\`\`\`ts\n${codeOf(examples.failing)}\n\`\`\`\n`,
    ...refused,
    "",
  ].join("\n");
}

const link = ({ name }: Rule): string => `[${name}](#${name})`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
