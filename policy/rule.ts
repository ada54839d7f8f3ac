import { type Declared, type Program } from "./program";

/** What is wrong with one resource: the property, the value wanted, and how to get there. Never a value of the resource. */
export interface Violation {
  readonly resource: Declared;
  readonly message: string;
}

/** An example as a program would declare it: each is judged in the tests and shown in docs/policies.md. */
export interface Example {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Names of other resources of the example, by the property that is made from them. */
  readonly uses?: Readonly<Record<string, readonly string[]>>;
  /** Name of the component that it belongs to. */
  readonly parent?: string;
}

/** One sentence that every program must keep. Pure: what is declared in, what is wrong with it out. */
export interface Rule {
  /** The sentence, in short, with hyphens: the rule's id in exemptions and messages. */
  readonly name: string;
  readonly sentence: string;
  /** What happens where it is broken. */
  readonly harm: string;
  /** The rule of the cfn-guard file that it replaces. */
  readonly replaces?: string;
  readonly judge: (program: Program) => readonly Violation[];
  /** `failing` breaks the rule exactly once. */
  readonly examples: { readonly passing: readonly Example[]; readonly failing: readonly Example[] };
}
