import { type PolicyConfigSchema, type StackValidationPolicy } from "@pulumi/policy";
import { declaredBy } from "./engine";
import { type Exemption, exempts, faultsOf, holds } from "./exemptions";
import { Program } from "./program";
import { type Rule } from "./rule";
import { RULES } from "./rules";

/** The policy that refuses exemptions which are not what they should be. */
const EXEMPTIONS_POLICY = "exemptions-hold";

/** What the driver configures for each policy; the engine checks it. */
const configSchema: PolicyConfigSchema = {
  properties: { exemptions: { type: "array", items: { type: "object" } } },
};

interface Config {
  readonly exemptions?: readonly Exemption[];
}

/**
 * Every rule as a policy about the whole stack: what decides a rule is often on another resource, and only there are
 * both to be seen. The engine judges stacks at the end of a preview, before anything has changed.
 */
export function policies(now: Date): StackValidationPolicy[] {
  const today = now.toISOString().slice(0, 10);
  return [...RULES.map((rule) => policyOf(rule, today)), exemptionsPolicy(today)];
}

function policyOf(rule: Rule, today: string): StackValidationPolicy {
  return {
    name: rule.name,
    description: rule.sentence,
    enforcementLevel: "mandatory",
    configSchema,
    validateStack: (args, report) => {
      const { exemptions = [] } = args.getConfig<Config>();
      const holding = exemptions.filter((exemption) => exemption.rule === rule.name && holds(exemption, today));
      for (const { resource, message } of rule.judge(new Program(args.resources.map(declaredBy)))) {
        if (!holding.some((exemption) => exempts(exemption, resource)))
          report(`${message}. ${rule.harm}`, resource.urn);
      }
    },
  };
}

function exemptionsPolicy(today: string): StackValidationPolicy {
  const rules = new Set(RULES.map(({ name }) => name));
  return {
    name: EXEMPTIONS_POLICY,
    description: "Exemptions name a rule that exists, and have not expired.",
    enforcementLevel: "mandatory",
    configSchema,
    validateStack: (args, report) => {
      const { exemptions = [] } = args.getConfig<Config>();
      for (const exemption of exemptions) for (const fault of faultsOf(exemption, rules, today)) report(fault);
    },
  };
}
