"""Asynchronous invocations of functions as AWS Lambda makes them, where ministack's differ.

Source: AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" and "Adding a
dead-letter queue": a throttled event waits and uses up no attempt; what a dead-letter queue gets is the event itself,
with the attributes RequestID, ErrorCode and ErrorMessage. The pauses between attempts are seconds instead of minutes.
"""

import contextvars
import json
import logging
import threading
import time

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc, sqs

logger = logging.getLogger("lambdas")

#: Before the second and the third attempt; AWS waits one and two minutes.
PAUSES_SECONDS = (1.0, 2.0)
LONGEST_THROTTLE_PAUSE_SECONDS = 1.0
#: What AWS takes where no event invoke config says otherwise.
RETRIES, EVENT_AGE_SECONDS = 2, 6 * 3600


def complete_lambda() -> None:
    lambda_svc.invoke_async_with_retry = invoke_async


def invoke_async(func: dict, event) -> None:
    """Returns at once; the event is tried in a thread of its own, in the caller's account and region."""
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(deliver, func, event), daemon=True, name="lambda-async").start()


def deliver(func: dict, event) -> None:
    config = func.get("config") or func
    settings = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
    retries = settings.get("MaximumRetryAttempts")
    retries = RETRIES if retries is None else int(retries)
    deadline = time.time() + int(settings.get("MaximumEventAgeInSeconds") or EVENT_AGE_SECONDS)
    attempts, throttled = 0, 0
    while True:
        result = lambda_svc._execute_function(func, event)
        if not result.get("error"):
            return
        if result.get("throttle"):
            throttled += 1
            pause = min(0.1 * 2**throttled, LONGEST_THROTTLE_PAUSE_SECONDS)
        else:
            attempts, throttled = attempts + 1, 0
            if attempts > retries:
                break
            pause = PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1]
        if time.time() + pause > deadline:
            break
        time.sleep(pause)
    give_up(config, settings, event, result)


def give_up(config: dict, settings: dict, event, result: dict) -> None:
    name = config.get("FunctionName", "")
    destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if destination:
        lambda_svc._route_async_failure(destination, name, event, result)
    dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    queue = sqs._queue_by_arn(dead_letters) if dead_letters else None
    if queue is not None:
        send(queue, event, result)
    elif dead_letters:
        logger.warning("function %s: its dead-letter target %s is no queue of the local cloud", name, dead_letters)
    if queue is None and not destination:
        logger.warning("function %s: an event is given up after its attempts: %s", name, json.dumps(event)[:2000])


def send(queue: dict, event, result: dict) -> None:
    problem = result.get("body") if isinstance(result.get("body"), dict) else {}
    values = {
        "RequestID": ("String", new_uuid()),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", str(problem.get("errorMessage") or "unknown")[:1000]),
    }
    attributes = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in values.items()}
    body = {"QueueUrl": queue["url"], "MessageBody": json.dumps(event), "MessageAttributes": attributes}
    sqs._act_send_message(body, queue["url"])
