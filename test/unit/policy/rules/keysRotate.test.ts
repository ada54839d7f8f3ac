import { describe, expect, test } from "@jest/globals";
import { keysRotate } from "../../../../policy/rules/keysRotate";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const key = (props: object, type = "aws:kms/key:Key") =>
  judged(keysRotate, [{ type, name: "key", props: { ...props } }]);
const refused = ["key: set enableKeyRotation to true: AWS keeps the old material to decrypt with"];

describe("keys-rotate", () => {
  test("accepts a key that rotates", () => {
    expect(key({ enableKeyRotation: true })).toEqual([]);
  });

  test.each([
    ["says nothing", {}],
    ["does not", { enableKeyRotation: false }],
    ["is symmetric and says so", { customerMasterKeySpec: "SYMMETRIC_DEFAULT", keyUsage: "ENCRYPT_DECRYPT" }],
    ["may be symmetric", { customerMasterKeySpec: UNKNOWN, keyUsage: UNKNOWN, customKeyStoreId: UNKNOWN }],
  ])("refuses a key that %s", (_, props) => {
    expect(key(props)).toEqual(refused);
  });

  test("refuses a key of which nobody knows it before the update", () => {
    expect(key({ enableKeyRotation: UNKNOWN })).toEqual([
      "key: enableKeyRotation is not known before the update; write true itself: AWS keeps the old material to decrypt with",
    ]);
  });

  test.each([
    ["signs", { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "ECC_NIST_P256" }],
    ["encrypts with a pair of keys", { keyUsage: "ENCRYPT_DECRYPT", customerMasterKeySpec: "RSA_4096" }],
    ["makes codes", { keyUsage: "GENERATE_VERIFY_MAC" }],
    ["lives in a store of one's own", { customKeyStoreId: "cks-1" }],
  ])("has nothing to say about a key that %s: AWS cannot rotate it", (_, props) => {
    expect(key(props)).toEqual([]);
  });

  test.each(["aws:kms/externalKey:ExternalKey", "aws:kms/replicaKey:ReplicaKey", "aws:kms/alias:Alias"])(
    "has nothing to say about %s",
    (type) => {
      expect(key({}, type)).toEqual([]);
    },
  );
});
