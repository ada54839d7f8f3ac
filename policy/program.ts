/** A resource as a program declares it. */
export interface Declared {
  readonly urn: string;
  /** Such as `aws:s3/bucket:Bucket`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** What is known of it; `UNKNOWN` stands for what only the update will tell. */
  readonly props: Readonly<Record<string, unknown>>;
  /** URNs of the resources that each property is made from. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  /** URN of the component it belongs to. */
  readonly parent?: string;
}

/** Everything that a program declares, as a rule looks at it. */
export class Program {
  private readonly byUrn: ReadonlyMap<string, Declared>;

  constructor(readonly resources: readonly Declared[]) {
    this.byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  ofType(...types: readonly string[]): readonly Declared[] {
    return this.resources.filter(({ type }) => types.includes(type));
  }

  get(urn: string | undefined): Declared | undefined {
    return urn === undefined ? undefined : this.byUrn.get(urn);
  }

  /** Whether a property is made from a resource of one of these types: then it will be set, whatever its value. */
  madeFrom({ dependencies }: Declared, property: string, types: readonly string[]): boolean {
    return (dependencies[property] ?? []).some((urn) => types.includes(this.get(urn)?.type ?? ""));
  }

  /**
   * The resources of a type that hold settings of `subject`, such as a bucket's encryption: their `property` is made
   * from it, or, where nothing is made from anything (a literal name, or a stack that exists), has one of its names.
   */
  companions(subject: Declared, type: string, property: string): readonly Declared[] {
    const names = ["id", "arn", "bucket", "name", "url"].map((key) => subject.props[key]).filter(isText);
    return this.ofType(type).filter(({ props, dependencies }) => {
      const from = (dependencies[property] ?? []).filter((urn) => this.get(urn)?.type === subject.type);
      if (from.length > 0) return from.includes(subject.urn);
      const value = props[property];
      return isText(value) && names.includes(value);
    });
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
