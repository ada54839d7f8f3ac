import { judgedDocuments } from "../judgedDocuments";
import { type Rule } from "../rule";
import { UNKNOWN } from "../values";

const POLICY = "aws:iam/rolePolicy:RolePolicy";

/** The one rule that tells of a document that nobody can judge; the others pass over it. */
export const documentsCanBeRead: Rule = {
  name: "documents-can-be-read",
  sentence: "IAM documents of every kind can be read before the update.",
  harm: "What nobody can read may allow anything, and only the update would show what.",
  judge: (program) =>
    judgedDocuments(program).flatMap(({ resource, where, document }) => {
      switch (document.kind) {
        case "read":
          return [];
        case "unknown":
          return [
            {
              resource,
              message: `make the ARNs in ${where} from names, so that its statements are known before the update: they are not yet`,
            },
          ];
        case "unreadable":
          return [{ resource, message: `mend ${where}, which cannot be read: ${document.because}` }];
      }
    }),
  examples: {
    passing: [
      {
        type: POLICY,
        name: "reader",
        props: {
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::reports/*"] }],
          }),
        },
      },
    ],
    failing: [
      { type: "aws:s3/bucket:Bucket", name: "reports", props: {} },
      { type: POLICY, name: "reader", props: { policy: UNKNOWN }, uses: { policy: ["reports"] } },
    ],
  },
};
