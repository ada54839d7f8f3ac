/** One resource that may break one rule for a while. */
export interface Exemption {
  readonly rule: string;
  /** `TYPE::NAME`, as the last part of a URN says it, such as `aws:s3/bucket:Bucket::website`. */
  readonly resource: string;
  readonly reason: string;
  /** The last day on which it holds, `YYYY-MM-DD` in UTC. */
  readonly expires: string;
}

/** Whether the exemption still holds. */
export const holds = ({ expires }: Pick<Exemption, "expires">, today: string): boolean => today <= expires;

/** Whether it is about this resource. */
export const exempts = (
  { resource }: Pick<Exemption, "resource">,
  { type, name }: { type: string; name: string },
): boolean => resource === `${type}::${name}`;

/** Why an exemption may not stay as it is; empty when it may. */
export function faultsOf({ rule, resource, expires }: Exemption, rules: ReadonlySet<string>, today: string): string[] {
  const which = `the exemption of ${resource} from ${rule}`;
  return [
    ...(rules.has(rule) ? [] : [`${which} names a rule that does not exist: allowed are ${[...rules].join(", ")}`]),
    ...(holds({ expires }, today)
      ? []
      : [`${which} expired on ${expires}: mend the resource, or renew it with a reason`]),
  ];
}
