import { programOf } from "../../../../policy/examples";
import { type Example, type Rule } from "../../../../policy/rule";

export { programOf };

/** What a rule says about these resources: `name: message` for each fault. */
export function judged(rule: Rule, examples: readonly Example[]): string[] {
  return rule.judge(programOf(examples)).map(({ resource, message }) => `${resource.name}: ${message}`);
}
