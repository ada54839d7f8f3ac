"""What the gateway's event relay and ministack's EventBridge have to do with each other.

There is one deliverer for all events of the default bus, the relay: it asks the target's resource policy, retries as
the target's RetryPolicy says and knows dead-letter queues; ministack's own delivery does none of this.
"""

import json
from collections.abc import Callable

from authorization import service_may
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge

PRINCIPAL = "events.amazonaws.com"
#: What EventBridge must be allowed on a target, by the service in its ARN.
ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def relay_deliveries(tell: Callable[[dict], None]) -> None:
    """Hands over what scheduled rules and PutEvents would have ministack deliver on the default bus."""
    deliver = eventbridge._invoke_target

    def relayed(target, event, rule, view=None):
        if rule.get("EventBusName", "default") != "default":
            deliver(target, event, rule, view)
            return
        envelope = (view or eventbridge._pattern_event_view(event)).event_with_detail()
        tell(
            {
                "source": envelope["source"],
                "detailType": envelope["detail-type"],
                "account": get_account_id(),
                "region": get_region(),
                "time": event["Time"],
                "resources": envelope["resources"],
                "detail": envelope["detail"],
                "delivery": {"rule": rule["Name"], "targetId": target["Id"]},
            }
        )

    eventbridge._invoke_target = relayed


def shorten_minutes(seconds: float) -> None:
    """Makes a minute of rate(...) last this long: who waits for a tick in a trial need not wait for a minute."""
    interval = eventbridge._parse_rate_seconds

    def shortened(expression: str) -> float | None:
        whole = interval(expression)
        return None if whole is None else whole * seconds / 60

    eventbridge._parse_rate_seconds = shortened
    # How often ministack looks for rules that are due; ten seconds otherwise.
    eventbridge._SCHEDULER_TICK_INTERVAL = min(1.0, seconds / 2)


def deliveries_of(request: dict) -> list[dict]:
    """The targets that the event in `event` goes to, of every enabled rule of the default bus whose pattern it matches.

    With `delivery` (`{rule, targetId}`) of that rule and target alone, whatever its pattern. For each target
    `{ruleArn, target, exists, allowed, deadLetters?: {exists, allowed}}`: both answers come from resource policies, as
    they are at this moment, with the rule as aws:SourceArn.
    """
    event, only = request["event"], request.get("delivery")
    with request_scope(event["account"], event["region"]):
        view = eventbridge._event_from_test_payload(event)
        found = []
        for key, rule in sorted(eventbridge._rules.items()):
            if rule.get("EventBusName", "default") != "default" or rule.get("State") != "ENABLED":
                continue
            pattern = rule.get("EventPattern")
            if only:
                wanted = rule["Name"] == only["rule"]
            else:
                wanted = bool(pattern) and eventbridge._matches_pattern(as_text(pattern), view)
            for target in eventbridge._targets.get(key, []) if wanted else []:
                if not only or target["Id"] == only["targetId"]:
                    found.append(answer(rule["Arn"], target))
        return found


def as_text(pattern) -> str:
    return pattern if isinstance(pattern, str) else json.dumps(pattern)


def answer(rule_arn: str, target: dict) -> dict:
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    described = {"ruleArn": rule_arn, "target": target, **may(target["Arn"], rule_arn)}
    return {**described, "deadLetters": may(dead_letters, rule_arn)} if dead_letters else described


def may(arn: str, rule_arn: str) -> dict:
    return service_may(PRINCIPAL, ACTIONS.get(arn.split(":")[2], ""), arn, rule_arn)
