import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Problem } from "../problem";
import { digestOfFiles, filesBelow } from "../release/files";
import { type PolicyOptions } from "./port";

/** The policies that judge a run of the engine, as it takes them. */
export interface PolicyRun extends PolicyOptions {
  /** SHA-256 of the pack: another pack may refuse what this one let pass. */
  readonly digest: string;
  /** One line for each exemption that the program asks for. */
  readonly exemptions: readonly string[];
}

export interface PolicySource {
  /** Folder of the built pack. */
  readonly pack: string;
  /** Folder of the Pulumi program, which may have an exemptions file. */
  readonly program: string;
  /** `advisory`: violations are told, and nothing is refused. For rollbacks: what ran before must be able to run again. */
  readonly level: "mandatory" | "advisory";
  /** Folder of this command alone. */
  readonly temporary: string;
}

/** Beside a program's `Pulumi.yaml`: which resources may break which rules, and until when. */
const EXEMPTIONS_FILE = "policy-exemptions.yaml";

/** The pack's own policy about exemptions: it is given all of them. */
const EXEMPTIONS_POLICY = "exemptions-hold";

const exemptionsSchema = z.array(
  z.strictObject({
    rule: z.string().min(1),
    resource: z
      .string()
      .regex(/^[^:\s]+:[^:\s]*:[^:\s]+::\S.*$/, "must be TYPE::NAME, such as aws:s3/bucket:Bucket::website"),
    reason: z.string().trim().min(10, "must say why, in 10 characters or more"),
    expires: z.iso.date("must be a day, such as 2027-01-31"),
  }),
);
type Exemptions = z.infer<typeof exemptionsSchema>;

/**
 * Prepares the policies for a program, with the exemptions that it asks for.
 * @throws Problem `usage` for a pack that is not there or an exemptions file that cannot be read.
 */
export async function policyRun({ pack, program, level, temporary }: PolicySource): Promise<PolicyRun> {
  const [digest, exemptions] = await Promise.all([packDigest(pack), exemptionsOf(program)]);
  const config = join(temporary, "policy-config.json");
  await writeFile(config, JSON.stringify(packConfig(exemptions, level)));
  return { policyPacks: [pack], policyPackConfigs: [config], digest, exemptions: exemptions.map(describeExemption) };
}

/** SHA-256 of everything in the pack. @throws Problem `usage` where there is none. */
export async function packDigest(pack: string): Promise<string> {
  try {
    return await digestOfFiles(pack, await filesBelow(pack));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Problem(
      "usage",
      {
        what: "The policy pack is not there",
        value: pack,
        remedy: "Run `npm run build`; it stands beside the command.",
      },
      { cause: error },
    );
  }
}

const describeExemption = ({ rule, resource, reason, expires }: Exemptions[number]): string =>
  `${resource} from ${rule} until ${expires}: ${reason}`;

function packConfig(exemptions: Exemptions, enforcementLevel: PolicySource["level"]): Record<string, unknown> {
  const rules = [...new Set(exemptions.map(({ rule }) => rule))];
  const policies = rules.map((rule) => [
    rule,
    { enforcementLevel, exemptions: exemptions.filter((exemption) => exemption.rule === rule) },
  ]);
  return {
    all: enforcementLevel,
    ...(Object.fromEntries(policies) as Record<string, unknown>),
    [EXEMPTIONS_POLICY]: { enforcementLevel, exemptions },
  };
}

async function exemptionsOf(program: string): Promise<Exemptions> {
  let text: string;
  try {
    text = await readFile(join(program, EXEMPTIONS_FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const parsed = exemptionsSchema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Problem("usage", {
    what: `${EXEMPTIONS_FILE} is not what it should be`,
    value: parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`).join("; "),
    allowed: "a list of {rule, resource: TYPE::NAME, reason, expires: YYYY-MM-DD}",
    remedy: "The rules are in docs/policies.md.",
  });
}
