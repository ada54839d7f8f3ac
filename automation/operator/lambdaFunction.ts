import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { Problem } from "../problem";
import { type RollbackFunction } from "./ports";

/** The function in AWS Lambda, asked directly: the answer is waited for. */
export function lambdaRollbackFunction(client: LambdaClient, FunctionName: string): RollbackFunction {
  return {
    async invoke(event) {
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName, InvocationType: "RequestResponse", Payload: JSON.stringify(event) }),
      );
      const text = Payload === undefined ? "" : Buffer.from(Payload).toString("utf8");
      const answer: unknown = text === "" ? null : JSON.parse(text);
      if (FunctionError === undefined) return answer;
      const { errorType = FunctionError, errorMessage = "no message" } = (answer ?? {}) as {
        readonly errorType?: string;
        readonly errorMessage?: string;
      };
      throw new Problem("failed", {
        what: `${FunctionName} failed: ${errorType}: ${errorMessage}`,
        remedy: `Its log group is /aws/lambda/${FunctionName}; what it began goes on by itself within a minute.`,
      });
    },
  };
}
