"""Runs the emulator (ministack) for the local cloud, with one route of our own.

    python serve.py --parent PID [--port PORT] [--public-port PORT]

Binds 127.0.0.1 only: --port or a free one. As soon as it answers it prints one line of JSON to standard output, which
only its parent reads, so the parent never talks to a stranger on that port:

    {"port": 40123, "pid": 4711}

--public-port is the port that the emulator's own URLs (SQS queues, Lambda code) name: the gateway's, if there is one.

It ends on SIGTERM or SIGINT, and by itself when its parent is gone. With PERSIST_STATE=1 it saves its state on the way.

The route: POST /_kiro/authorize, for callers that know KIRO_EMULATOR_TOKEN (header x-kiro-token; no token, no route).

    {"method", "rawPath", "queryString", "headers": [[name, value], ...], "bodyBase64",
     "service": "codepipeline", "action"?: "codepipeline:GetPipeline", "resourceArn"?: "arn:..."}

says who signed the request that is described there and, with an action, whether that caller may do it:

    {"arn", "accountId", "region", "allowed", "code", "message"}

Both answers come from ministack's own functions, the ones that it guards its own services with (ministack/app.py, `app`
and `_dispatch_service_request`), in the same order: the signature is checked once, then the policies.
"""

import argparse
import asyncio
import base64
import hmac
import json
import os
import signal
import socket
import threading
import time
from urllib.parse import parse_qs

SHUTDOWN_SECONDS = 20

parser = argparse.ArgumentParser()
parser.add_argument("--parent", type=int, required=True)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--public-port", type=int)
args = parser.parse_args()

listener = socket.create_server(("127.0.0.1", args.port))
port = listener.getsockname()[1]
public_port = args.public_port or port

# ministack reads these while it is imported.
os.environ.update(
    AUTH="true",
    BIND_HOST="127.0.0.1",
    GATEWAY_PORT=str(public_port),
    AWS_ENDPOINT_URL=f"http://127.0.0.1:{public_port}",
    # Listeners of their own on all interfaces, for services that the local cloud has no use for.
    SFTP_ENABLED="0",
    IOT_MTLS_ENABLED="0",
    # ministack removes the containers of other ministacks when it finds a Docker engine.
    DOCKER_HOST="unix:///nonexistent/docker.sock",
)
# ministack takes a configured key for the root of the account, whoever signs with it.
for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
    os.environ.pop(name, None)
token = os.environ.pop("KIRO_EMULATOR_TOKEN", "")

from hypercorn.asyncio import serve  # noqa: E402
from hypercorn.config import Config  # noqa: E402
from ministack.app import app as ministack  # noqa: E402
from ministack.core import iam_actions, iam_evaluator as iam  # noqa: E402
from ministack.core.responses import get_account_id, set_request_account_id, set_request_region  # noqa: E402
from ministack.core.router import extract_access_key_id, extract_region  # noqa: E402

stop = asyncio.Event()


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


complete_iam()


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


async def read_body(receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(chunks)


async def application(scope, receive, send):
    if scope["type"] != "http" or scope["path"] != "/_kiro/authorize" or not token:
        await ministack(scope, receive, send)
        return
    given = dict(scope["headers"]).get(b"x-kiro-token", b"")
    if hmac.compare_digest(given, token.encode()):
        status, answer = 200, authorize(json.loads(await read_body(receive)))
    else:
        status, answer = 403, {"message": "x-kiro-token is not the token that this emulator was started with"}
    body = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def watch_parent(loop: asyncio.AbstractEventLoop) -> None:
    """Ends the emulator with its parent; a thread, because a busy event loop must not outlive it either."""
    while os.getppid() == args.parent:
        time.sleep(0.25)
    loop.call_soon_threadsafe(stop.set)
    time.sleep(SHUTDOWN_SECONDS)
    os._exit(1)


async def main() -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=watch_parent, args=(loop,), daemon=True).start()
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    print(json.dumps({"port": port, "pid": os.getpid()}), flush=True)
    await serve(application, config, shutdown_trigger=stop.wait)


asyncio.run(main())
