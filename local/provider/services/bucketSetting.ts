import type { Clients } from "../clients";
import { text } from "../fields";
import { defineType, type Inputs, type ResourceType, type TypeDefinition } from "../resourceType";

/** A setting of a bucket is a resource of its own, with the bucket's name as its id. */
type Setting<Args> = Pick<TypeDefinition<Args>, "token" | "fields" | "gone" | "remove"> & {
  put(bucket: string, inputs: Inputs<Args>, aws: Clients): Promise<unknown>;
  get(bucket: string, aws: Clients): Promise<{ readonly [K in keyof Args]?: unknown } | undefined>;
};

export function bucketSetting<Args extends { bucket: unknown }>(setting: Setting<Args>): ResourceType {
  const bucket = text({ required: true, replaces: true });
  return defineType<Args>({
    token: setting.token,
    fields: { ...setting.fields, bucket },
    outputs: [],
    identity: ["bucket"],
    gone: ["NoSuchBucket", ...setting.gone],
    async create(inputs, aws) {
      const id = String((inputs as { readonly bucket?: unknown }).bucket);
      await setting.put(id, inputs, aws);
      return id;
    },
    async update(id, inputs, aws) {
      await setting.put(id, inputs, aws);
    },
    async read(id, aws) {
      const live = await setting.get(id, aws);
      return live === undefined ? undefined : { inputs: { ...live, bucket: id }, outputs: {} };
    },
    remove: (id, aws, inputs) => setting.remove(id, aws, inputs),
  });
}
