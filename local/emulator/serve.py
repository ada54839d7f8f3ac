"""Runs the emulator (ministack) for the local cloud, with two routes of our own.

    python serve.py --parent PID [--port PORT] [--public-port PORT]

Binds 127.0.0.1 only: --port or a free one. As soon as it answers it prints one line of JSON to standard output, which
only its parent reads, so the parent never talks to a stranger on that port:

    {"port": 40123, "pid": 4711}

--public-port is the port that the emulator's own URLs (SQS queues, Lambda code) name: the gateway's, if there is one.

It ends on SIGTERM or SIGINT, and by itself when its parent is gone. With PERSIST_STATE=1 it saves its state on the way.

Routes for callers that know KIRO_EMULATOR_TOKEN (header x-kiro-token; no token, no route):

POST /_kiro/authorize says who signed the request that is described and, with an action, whether that caller may do it:

    {"method", "rawPath", "queryString", "headers": [[name, value], ...], "bodyBase64",
     "service": "codepipeline", "action"?: "codepipeline:GetPipeline", "resourceArn"?: "arn:..."}
    -> {"arn", "accountId", "region", "allowed", "code", "message"}

POST /_kiro/deliveries says where an event has to go, and whether EventBridge may bring it there (deliveries.py).

KIRO_MINUTE_SECONDS is how long a minute of a scheduled rule lasts, 60 without it.

Where ministack does less than AWS it is completed: alarms.py, lambdas.py. With --public-port and a token the gateway
hears of every alarm that changes its state and of what EventBridge has to deliver (POST /_kiro/event, gateway.py).
"""

import argparse
import asyncio
import hmac
import json
import os
import signal
import socket
import threading
import time

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
minute_seconds = float(os.environ.pop("KIRO_MINUTE_SECONDS", "60"))

from hypercorn.asyncio import serve  # noqa: E402
from hypercorn.config import Config  # noqa: E402
from ministack.app import app as ministack  # noqa: E402
from alarms import complete_alarms, evaluate_for_ever  # noqa: E402
from authorization import authorize, complete_iam  # noqa: E402
from deliveries import deliveries_of, relay_deliveries, shorten_minutes  # noqa: E402
from gateway import Gateway  # noqa: E402
from lambdas import complete_lambda  # noqa: E402

stop = asyncio.Event()

complete_iam()
complete_lambda()
shorten_minutes(minute_seconds)
gateway = Gateway(public_port, token) if token and args.public_port else None
complete_alarms(gateway.tell if gateway else None)
if gateway:
    relay_deliveries(gateway.tell)

ROUTES = {"/_kiro/authorize": authorize, "/_kiro/deliveries": deliveries_of}


async def read_body(receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(chunks)


async def application(scope, receive, send):
    route = ROUTES.get(scope["path"]) if scope["type"] == "http" and token else None
    if route is None:
        await ministack(scope, receive, send)
        return
    given = dict(scope["headers"]).get(b"x-kiro-token", b"")
    if hmac.compare_digest(given, token.encode()):
        status, answer = 200, route(json.loads(await read_body(receive)))
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
    evaluation = asyncio.create_task(evaluate_for_ever())
    await serve(application, config, shutdown_trigger=stop.wait)
    evaluation.cancel()


asyncio.run(main())
