/** What a resource type is to the provider: a description of its inputs, and the five calls on AWS. */

import type { Unwrap } from "@pulumi/pulumi";
import { map, text, type Field, type Fields } from "./fields";
import type { Clients } from "./clients";
import type { Properties } from "./values";

/** Inputs as the AWS calls see them: secrets unwrapped, provider default tags merged into `tagsAll`. */
export type Inputs<Args> = Unwrap<Args> & { readonly tagsAll?: Readonly<Record<string, string>> };

/** A resource as it is on AWS. */
interface Live<Args> {
  /**
   * Live values of the inputs that AWS tells, undefined where nothing is set. A name that is missing here cannot be
   * read back, and is taken to be as the program said. `tags` are all tags of the resource.
   */
  readonly inputs: { readonly [K in keyof Args]?: unknown };
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The id to record, where the resource was asked for by another name of it. */
  readonly id?: string;
}

/** To be called once the resource exists, before steps that may still fail: what is half made is then recorded. */
type Made = (id: string) => void;

interface Description {
  /** E.g. `aws:kms/key:Key`. */
  readonly token: string;
  /** Names of the outputs that are not inputs; unknown in the preview of a create. */
  readonly outputs: readonly string[];
  /** Outputs that an update may change: unknown in its preview. */
  readonly volatile?: readonly string[];
  /** Whether provider default tags apply. */
  readonly tagged?: true;
  /** AWS's error codes that mean: the resource does not exist. */
  readonly gone: readonly string[];
}

/** A type as its author writes it; the names of the inputs are those of `@pulumi/aws`. */
export interface TypeDefinition<Args> extends Description {
  readonly fields: { readonly [K in keyof Args]?: Field };
  /** The input that holds the physical name, filled with `{logical name}-{7 hex digits}` where none is given. */
  readonly name?: { readonly property: keyof Args & string; readonly max: number };
  /** Inputs that make up the physical identity: while they stay, the old one must go before a new one can come. */
  readonly identity?: readonly (keyof Args & string)[];
  /** Creates the resource; resolves to its id. */
  create(inputs: Inputs<Args>, aws: Clients, made: Made): Promise<string>;
  /** Brings everything that can change to `inputs`; must also complete a half-made resource. */
  update?(id: string, inputs: Inputs<Args>, aws: Clients, olds: Inputs<Args>): Promise<void>;
  /** Undefined when the resource does not exist. `inputs` are empty on import. */
  read(id: string, aws: Clients, inputs: Partial<Inputs<Args>>): Promise<Live<Args> | undefined>;
  remove(id: string, aws: Clients, inputs: Inputs<Args>): Promise<void>;
}

export interface AnyLive {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly id?: string;
}

/** A type as the frame handles it, whatever its inputs are. */
export interface ResourceType extends Description {
  readonly fields: Fields;
  readonly name?: { readonly property: string; readonly max: number };
  readonly identity?: readonly string[];
  create(inputs: Properties, aws: Clients, made: Made): Promise<string>;
  update?(id: string, inputs: Properties, aws: Clients, olds: Properties): Promise<void>;
  read(id: string, aws: Clients, inputs: Properties): Promise<AnyLive | undefined>;
  remove(id: string, aws: Clients, inputs: Properties): Promise<void>;
}

/** Erases the inputs' type: `check` has measured the inputs by `fields` before any call gets them. */
export function defineType<Args>(type: TypeDefinition<Args>): ResourceType {
  return type as unknown as ResourceType;
}

export const tags: Field = map(text());

/**
 * What must be there by now: `check` has filled it in, or AWS always answers it.
 * @throws Error that names it.
 */
export function must<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`"${name}" is missing`);
  return value;
}
