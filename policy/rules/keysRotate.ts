import { type Declared } from "../program";
import { type Rule } from "../rule";
import { isText, judgeEach, unlessTrue } from "../settings";

const KEY = "aws:kms/key:Key";

export const keysRotate: Rule = {
  name: "keys-rotate",
  sentence: "KMS keys rotate, where AWS can rotate them: symmetric ones for encryption, in its own key store.",
  harm: "A key that never changes makes one leak good for everything that was ever encrypted with it.",
  judge: (program) =>
    judgeEach(program.ofType(KEY).filter(canRotate), ({ props }) =>
      unlessTrue(props, "enableKeyRotation", "AWS keeps the old material to decrypt with"),
    ),
  examples: {
    passing: [
      { type: KEY, name: "reports", props: { description: "Reports", enableKeyRotation: true } },
      {
        type: KEY,
        name: "signatures",
        props: { description: "Signatures", keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "ECC_NIST_P256" },
      },
    ],
    failing: [{ type: KEY, name: "reports", props: { description: "Reports" } }],
  },
};

/** What is unknown might be the usual key. */
function canRotate({ props }: Declared): boolean {
  const { customerMasterKeySpec: spec, keyUsage: usage, customKeyStoreId: store } = props;
  return (
    (!isText(spec) || spec === "SYMMETRIC_DEFAULT") && (!isText(usage) || usage === "ENCRYPT_DECRYPT") && !isText(store)
  );
}
