import { describe, expect, test } from "@jest/globals";
import { readDocument, type Statement } from "../../../policy/documents";
import { UNKNOWN } from "../../../policy/values";

const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const document = (...statements: unknown[]) => ({ Version: "2012-10-17", Statement: statements });
const none: Omit<Statement, "effect" | "actions"> = {
  principals: [],
  notPrincipals: [],
  notActions: [],
  resources: [],
  notResources: [],
};

/** What the only statement of a document is read as. */
function read(statement: Record<string, unknown>): Statement | undefined {
  const answer = readDocument(document(statement));
  return answer.kind === "read" ? answer.statements[0] : undefined;
}

describe("a document that can be read", () => {
  const asList = {
    kind: "read",
    statements: [{ ...none, effect: "Allow", actions: ["s3:GetObject"], resources: ["*"] }],
  };

  test("may be an object or JSON text, with one statement or a list", () => {
    expect(readDocument(document(allow))).toEqual(asList);
    expect(readDocument({ Statement: allow })).toEqual(asList);
    expect(readDocument(JSON.stringify(document(allow)))).toEqual(asList);
  });

  test("may have no statement at all", () => {
    expect(readDocument(document())).toEqual({ kind: "read", statements: [] });
  });

  test("keeps every element of a statement, and the order of statements", () => {
    const answer = readDocument(
      document(
        {
          Sid: "Readers",
          Effect: "Allow",
          Principal: { AWS: ["a", "b"], Service: "c", Federated: "d" },
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: ["x", "y"],
          Condition: { Bool: { "aws:SecureTransport": "true" } },
        },
        { Effect: "Deny", NotPrincipal: { AWS: "e" }, NotAction: "s3:ListBucket", NotResource: "z" },
      ),
    );
    expect(answer).toEqual({
      kind: "read",
      statements: [
        {
          ...none,
          effect: "Allow",
          sid: "Readers",
          principals: ["AWS:a", "AWS:b", "Service:c", "Federated:d"],
          actions: ["s3:GetObject", "s3:PutObject"],
          resources: ["x", "y"],
          condition: { Bool: { "aws:SecureTransport": "true" } },
        },
        {
          ...none,
          effect: "Deny",
          notPrincipals: ["AWS:e"],
          actions: [],
          notActions: ["s3:ListBucket"],
          notResources: ["z"],
        },
      ],
    });
  });

  test("names everybody in one way", () => {
    expect(read({ ...allow, Principal: "*" })?.principals).toEqual(["*"]);
    expect(read({ ...allow, Principal: { AWS: "*" } })?.principals).toEqual(["*"]);
    expect(read({ ...allow, Principal: { Service: "*" } })?.principals).toEqual(["Service:*"]);
  });
});

describe("what only the update will know", () => {
  test.each([
    ["the document", UNKNOWN],
    ["its statements", { Statement: UNKNOWN }],
    ["one of its statements", document(allow, UNKNOWN)],
    ["an effect", document({ ...allow, Effect: UNKNOWN })],
    ["the actions", document({ ...allow, Action: UNKNOWN })],
    ["one of the actions", document({ ...allow, Action: ["s3:GetObject", UNKNOWN] })],
    ["one of the actions that are not meant", document({ ...allow, Action: undefined, NotAction: [UNKNOWN] })],
  ])("%s makes the whole unknown", (_, value) => {
    expect(readDocument(value)).toEqual({ kind: "unknown" });
  });

  test("stays where it is in resources, principals and conditions", () => {
    expect(
      read({
        ...allow,
        Resource: ["x", UNKNOWN],
        Principal: { AWS: [UNKNOWN, "a"] },
        Condition: { ArnLike: { "aws:SourceArn": UNKNOWN } },
      }),
    ).toEqual({
      ...none,
      effect: "Allow",
      principals: [UNKNOWN, "AWS:a"],
      actions: ["s3:GetObject"],
      resources: ["x", UNKNOWN],
      condition: { ArnLike: { "aws:SourceArn": UNKNOWN } },
    });
    expect(
      read({ Effect: "Deny", Action: "a:b", NotResource: UNKNOWN, Principal: UNKNOWN, NotPrincipal: UNKNOWN }),
    ).toEqual({
      ...none,
      effect: "Deny",
      actions: ["a:b"],
      notResources: [UNKNOWN],
      principals: [UNKNOWN],
      notPrincipals: [UNKNOWN],
    });
  });
});

describe("a document that cannot be read", () => {
  test.each([
    ["text that is not JSON", "{ not JSON, s3cr3t }", "it is not a JSON object"],
    ["JSON of something else", "[]", "it is not a JSON object"],
    ["nothing", undefined, "it is not a JSON object"],
    ["null", null, "it is not a JSON object"],
    ["a document without statements", { Version: "2012-10-17" }, "it has no Statement"],
    ["a statement that is none", document(allow, "s3cr3t"), "statement 2 is not an object"],
    [
      "a key that IAM does not know",
      document({ ...allow, action: "*" }),
      "statement 1 has the key action, which IAM does not know",
    ],
    ["another effect", document({ ...allow, Effect: "allow" }), "the Effect of statement 1 is neither Allow nor Deny"],
    ["no action", document({ Effect: "Allow", Resource: "*" }), "statement 1 has no Action"],
    ["an empty list of actions", document({ ...allow, Action: [] }), "statement 1 has no Action"],
    ["an action that is no text", document({ ...allow, Action: [1] }), "an Action of statement 1 is not a text"],
    ["another action that is no text", document({ ...allow, NotAction: {} }), "an Action of statement 1 is not a text"],
    ["a resource that is no text", document({ ...allow, Resource: 1 }), "a Resource of statement 1 is not a text"],
    [
      "another resource that is no text",
      document({ ...allow, NotResource: [null] }),
      "a Resource of statement 1 is not a text",
    ],
    [
      "a principal by itself",
      document({ ...allow, Principal: "arn" }),
      'a Principal of statement 1 is neither "*" nor texts by kind',
    ],
    [
      "a list of principals",
      document({ ...allow, Principal: ["*"] }),
      'a Principal of statement 1 is neither "*" nor texts by kind',
    ],
    [
      "a principal that is no text",
      document({ ...allow, NotPrincipal: { AWS: 1 } }),
      'a Principal of statement 1 is neither "*" nor texts by kind',
    ],
  ])("%s: it says why, without a value", (_, value, because) => {
    expect(readDocument(value)).toEqual({ kind: "unreadable", because });
  });
});
