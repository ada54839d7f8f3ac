import { AwsError } from "../services/contract";
import { type ServiceModel } from "./model";

/** An HTTP answer of a service. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Errors that every AWS service may answer, whether its model names them or not.
 * Source: AWS documentation, "Common Errors" of the API references of CodePipeline and CodeBuild.
 */
const COMMON_ERRORS = new Set([
  "AccessDeniedException",
  "ExpiredTokenException",
  "IncompleteSignatureException",
  "InternalFailure",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "OptInRequired",
  "RequestExpired",
  "SerializationException",
  "ServiceUnavailable",
  "ThrottlingException",
  "UnknownOperationException",
  "UnrecognizedClientException",
  "ValidationException",
]);

/** An error that is no service exception: a bug in the local service, or an exception that AWS's service does not have. */
export function isUnmodelled(model: ServiceModel, error: unknown): boolean {
  return !(error instanceof AwsError) || !(COMMON_ERRORS.has(error.code) || model.exception(error.code));
}

/**
 * An exception as AWS's JSON protocols write it: `__type` and the message under the name that the exception's shape
 * gives it (`message` or `Message`). What is no exception of this service becomes `InternalFailure` with status 500,
 * and says what went wrong, since whoever reads it runs the service.
 */
export function renderError(model: ServiceModel, error: unknown, requestId: string): Answer {
  if (isUnmodelled(model, error)) {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    return renderError(model, new AwsError("InternalFailure", `${name}: ${message}`, 500), requestId);
  }
  const { code, message, status, members: further } = error as AwsError;
  const members = Object.keys(model.exception(code)?.members ?? {});
  const field = members.find((name) => name.toLowerCase() === "message") ?? "message";
  return {
    status,
    headers: { "content-type": model.contentType, "x-amzn-errortype": code, "x-amzn-requestid": requestId },
    body: JSON.stringify({ __type: code, [field]: message, ...further }),
  };
}
