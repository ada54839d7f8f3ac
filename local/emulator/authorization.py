"""Who signed a request and what they may do: ministack's IAM, completed, for requests that it does not serve itself.

Both answers come from ministack's own functions, the ones that it guards its own services with (ministack/app.py, `app`
and `_dispatch_service_request`), in the same order: the signature is checked once, then the policies.
"""

import base64
import json
from urllib.parse import parse_qs

from ministack.core import iam_actions, iam_evaluator as iam
from ministack.core.responses import get_account_id, request_scope, set_request_account_id, set_request_region
from ministack.core.router import extract_access_key_id, extract_region
from ministack.services import lambda_svc, sns, sqs


def parameters(body: bytes, params: dict) -> dict:
    """The request's own parameters, of either protocol: a JSON body, else the form fields that ministack has merged."""
    try:
        data = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        data = {}
    first = {name: value[0] if isinstance(value, list) and value else value for name, value in params.items()}
    return {**first, **(data if isinstance(data, dict) else {})}


def complete_iam() -> None:
    """Tells ministack's IAM what AWS's sees in a request and ministack's does not read from it.

    Condition key iam:PermissionsBoundary (Service Authorization Reference, IAM: CreateRole, PutRolePermissionsBoundary);
    the alarm's ARN in ListTagsForResource, TagResource, UntagResource and DeleteAlarms of CloudWatch.
    """
    context, resource = iam_actions.request_tag_context, iam_actions.extract_resource_arn

    def with_boundary(service, action, body, params):
        found = context(service, action, body, params)
        boundary = parameters(body, params).get("PermissionsBoundary")
        if boundary and action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary"):
            return {**found, "iam:PermissionsBoundary": boundary}
        return found

    def with_alarm(service, method, path, headers, body, params, region, account_id):
        found = resource(service, method, path, headers, body, params, region, account_id)
        if service != "monitoring" or found != "*":
            return found
        given = parameters(body, params)
        # Of several names the first is checked, as ministack does for other lists.
        listed = given.get("AlarmNames")
        name = (listed or [None])[0] if isinstance(listed, list) else given.get("AlarmNames.member.1")
        if name:
            return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:{name}"
        return given.get("ResourceARN") or found

    iam_actions.request_tag_context = with_boundary
    iam_actions.extract_resource_arn = with_alarm


def failure(service: str, error: "iam.AuthError") -> dict:
    """A refused signature under the name that AWS's JSON services give it (InvalidSignatureException, ...)."""
    code, _, message = iam_actions._auth_failure(service, error.code, error.message, {"x-amz-target": service})
    return {"allowed": False, "code": code, "message": message}


def authorize(request: dict) -> dict:
    """Verifies the described request and evaluates the caller's policies. Runs in a context of its own."""
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request["headers"]]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    query = parse_qs(request["queryString"], keep_blank_values=True)
    service, action = request["service"], request.get("action")
    key = extract_access_key_id(headers, query)
    region = extract_region(headers, query)
    try:
        set_request_account_id((iam.find_iam_access_key_account(key) or key) if key else "")
    except iam.AmbiguousAccessKeyError:
        unknown = iam.AuthError("UnrecognizedClientException", "The security token included in the request is invalid.")
        return failure(service, unknown)
    set_request_region(region)
    # The gateway stands for AWS's endpoints, which speak TLS: aws:SecureTransport is true.
    iam.pin_request_origin("127.0.0.1", True)
    iam.pin_signed_request(request["method"], request["rawPath"], query, pairs)
    iam.pin_signed_body(base64.b64decode(request["bodyBase64"]))
    iam.pin_request_caller(headers, query)

    # STS's GetCallerIdentity is always allowed: enforcing it checks the signature and nothing else.
    refused = iam.enforce(key, "sts:GetCallerIdentity", service, region)
    principal = refused or iam.resolve_principal(key, get_account_id())
    if isinstance(principal, iam.AuthError):
        return failure(service, principal)
    caller = {"arn": principal.arn, "accountId": principal.account, "region": region}
    if not action:
        return {**caller, "allowed": True, "code": "", "message": ""}

    resource = request.get("resourceArn") or "*"
    denied = iam.enforce(key, action, service, region, resource_arn=resource)
    if denied is None:
        return {**caller, "allowed": True, "code": "", "message": ""}
    if isinstance(denied, iam.AuthError):
        return {**caller, **failure(service, denied)}
    message = iam_actions.identity_denial_message(action, principal.arn, resource, denied.decision == "Deny")
    return {**caller, "allowed": False, "code": "AccessDeniedException", "message": message}


def service_may(service: str, action: str, resource_arn: str, source_arn: str) -> dict:
    """Whether the resource's own policy lets an AWS service act on it on behalf of `source_arn`.

    `service` is a principal like events.amazonaws.com. `exists` is false when there is no such resource here.
    """
    _, _, kind, region, account, *_ = resource_arn.split(":")
    policies = {
        "lambda": lambda_svc.function_policy_for_arn,
        "sns": sns.topic_policy_for_arn,
        "sqs": sqs.queue_policy_for_arn,
    }
    if kind not in policies:
        return {"exists": False, "allowed": False}
    with request_scope(account, region):
        found = policies[kind](resource_arn)
        if found is None:
            return {"exists": False, "allowed": False}
        context = iam.EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=resource_arn,
            region=region,
            service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": source_arn.split(":")[4]},
        )
        verdict = iam.evaluate_resource_policy(found[0], context, service=service)
        return {"exists": True, "allowed": verdict.decision == "Allow"}
