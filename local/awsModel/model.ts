import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/**
 * A shape of an AWS service model, as botocore's `service-2.json` writes it. `min` and `max` are lengths of strings
 * (characters), lists and maps, and values of numbers.
 */
export interface Shape {
  readonly type:
    | "structure"
    | "list"
    | "map"
    | "string"
    | "integer"
    | "long"
    | "double"
    | "float"
    | "boolean"
    | "timestamp"
    | "blob";
  readonly members?: Readonly<Record<string, ShapeRef>>;
  readonly required?: readonly string[];
  readonly member?: ShapeRef;
  readonly key?: ShapeRef;
  readonly value?: ShapeRef;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: boolean;
  readonly exception?: boolean;
}

export interface ShapeRef {
  readonly shape: string;
}

export interface Operation {
  readonly name: string;
  readonly input?: ShapeRef;
  readonly output?: ShapeRef;
}

interface ServiceFile {
  readonly metadata: {
    readonly protocols?: readonly string[];
    readonly protocol: string;
    readonly jsonVersion?: string;
    readonly targetPrefix?: string;
    readonly serviceFullName: string;
  };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/**
 * Where the live service is known to differ from its published model. CodePipeline's own refusals name 50000 characters
 * for the value of an action's configuration, its model 1000.
 */
const CORRECTIONS: Readonly<Record<string, Readonly<Record<string, Partial<Shape>>>>> = {
  codepipeline: { ActionConfigurationValue: { max: 50_000 } },
};

/** An AWS service that speaks awsJson1.0 or awsJson1.1, as its model describes it. */
export class ServiceModel {
  /** What comes before the operation in `X-Amz-Target`, without the dot. */
  readonly targetPrefix: string;
  /** `application/x-amz-json-1.0` or `-1.1`. */
  readonly contentType: string;

  /** @throws Error when the service does not speak the JSON protocol. */
  constructor(
    readonly name: string,
    private readonly file: ServiceFile,
  ) {
    const { protocols, protocol, jsonVersion, targetPrefix } = file.metadata;
    if (!(protocols ?? [protocol]).includes("json") || !targetPrefix) {
      throw new Error(`${name} speaks ${(protocols ?? [protocol]).join(", ")}; only AWS's JSON protocol is served.`);
    }
    this.targetPrefix = targetPrefix;
    this.contentType = `application/x-amz-json-${jsonVersion ?? "1.1"}`;
  }

  /** Undefined when the service has no operation of that name. */
  operation(name: string): Operation | undefined {
    return Object.hasOwn(this.file.operations, name) ? this.file.operations[name] : undefined;
  }

  /** @throws Error when the model has no such shape: then the model is damaged. */
  shape(ref: ShapeRef): Shape {
    const shape = this.file.shapes[ref.shape];
    if (!shape) throw new Error(`The model of ${this.name} has no shape ${ref.shape}.`);
    const correction = CORRECTIONS[this.name]?.[ref.shape];
    return correction ? { ...shape, ...correction } : shape;
  }

  /** The shape of an exception; undefined when the model declares none of that name. */
  exception(code: string): Shape | undefined {
    const shape = Object.hasOwn(this.file.shapes, code) ? this.file.shapes[code] : undefined;
    return shape?.exception ? shape : undefined;
  }
}

/**
 * Botocore's folder of service models in the emulator's virtual environment.
 * @throws Error when botocore is not installed there.
 */
export function botocoreData(root: string): string {
  const lib = join(root, ".local", "venv", "lib");
  const python = readdirSync(lib).find((name) => name.startsWith("python3"));
  if (!python) throw new Error(`No Python in ${lib}. Run \`node scripts/setup.mjs\`.`);
  return join(lib, python, "site-packages", "botocore", "data");
}

/**
 * Reads `{dataDir}/{service}/{apiVersion}/service-2.json`, plain or gzipped.
 * @throws Error when there is neither.
 */
export async function loadServiceModel(dataDir: string, service: string, apiVersion: string): Promise<ServiceModel> {
  const file = join(dataDir, service, apiVersion, "service-2.json");
  const text = await readFile(file, "utf8").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return gunzipSync(await readFile(`${file}.gz`)).toString("utf8");
  });
  return new ServiceModel(service, JSON.parse(text) as ServiceFile);
}
