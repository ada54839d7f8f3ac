"""Makes ministack's alarms evaluate as CloudWatch's do, and tells the gateway of each change of a state.

ministack looks at an alarm only when a metric is put, at all metrics of its name whatever their dimensions, and not at
TreatMissingData. Here an alarm is evaluated from the metric of exactly its namespace, name and dimensions, whenever a
metric is put and every second. The periods slide with the clock instead of being aligned to it: a bad datapoint raises
the alarm at once, not at the end of its minute. Alarms on metric math and on anomaly bands keep the state that
SetAlarmState gives them.
"""

import asyncio
import functools
import logging
import math
import time
from collections.abc import Callable
from datetime import datetime, timezone

import alarm_state
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch as cw
from ministack.services import sqs

logger = logging.getLogger("alarms")

EVALUATION_SECONDS = 1
#: Less than the shortest period, so that a period that slides always holds a datapoint.
QUEUE_METRIC_SECONDS = 30

Tell = Callable[[dict], None]


def complete_alarms(tell: Tell | None) -> None:
    """Replaces ministack's evaluation; `tell` takes the event of each change, None when nobody wants to know."""
    cw._evaluate_alarm = evaluate
    cw._evaluate_all_alarms = evaluate_all
    record = cw._record_history
    known: dict[tuple[str, str, str], dict] = {}

    @functools.wraps(record)
    def record_and_tell(alarm_name, old_state, new_state, why, *more, **named):
        # Every change of a state passes here: an evaluation, a composite alarm, SetAlarmState.
        record(alarm_name, old_state, new_state, why, *more, **named)
        alarm = cw._alarms.get(alarm_name) or cw._composite_alarms.get(alarm_name)
        if not alarm:
            return
        now = milliseconds(time.time())
        key = (get_account_id(), get_region(), alarm_name)
        state = {"value": new_state, "reason": why, "timestamp": iso(now)}
        if alarm.get("StateReasonData"):
            state["reasonData"] = alarm["StateReasonData"]
        previous = known.get(key, {"value": old_state})
        known[key] = state
        if old_state == new_state:
            return
        alarm["StateUpdatedTimestamp"] = now
        if tell:
            tell(event_of(alarm, state, previous, now))

    cw._record_history = record_and_tell


async def evaluate_for_ever() -> None:
    """On the event loop, where requests are served too: no two evaluations meet."""
    while True:
        await asyncio.sleep(EVALUATION_SECONDS)
        try:
            evaluate_everywhere()
        except Exception:  # The next second tries again; a silent end would leave every alarm as it is.
            logger.exception("alarms cannot be evaluated")


def evaluate_everywhere() -> None:
    for account, region in {(account, region) for account, region, _ in list(cw._alarms._data)}:
        with request_scope(account, region):
            publish_queue_metrics(time.time())
            evaluate_all()


def evaluate_all() -> None:
    for alarm in list(cw._alarms.values()):
        try:
            evaluate(alarm)
        except Exception:  # One alarm that cannot be evaluated must not silence the others.
            logger.exception("alarm %s cannot be evaluated", alarm.get("AlarmName"))


def evaluate(alarm: dict) -> None:
    """Brings the alarm of the current account and region to the state that its metric gives it now."""
    comparison = alarm.get("ComparisonOperator")
    if not alarm.get("Namespace") or not alarm.get("MetricName") or comparison not in alarm_state.COMPARISONS:
        return
    values = datapoints(alarm, time.time())
    threshold, current = alarm.get("Threshold", 0), alarm["StateValue"]
    needed = alarm.get("DatapointsToAlarm") or len(values)
    treat_missing = alarm.get("TreatMissingData") or "missing"
    breaks, _ = alarm_state.COMPARISONS[comparison]
    breaching = [None if value is None else breaks(value, threshold) for value in values]
    state = alarm_state.next_state(breaching, needed, treat_missing, current)
    # Without any data there is nothing to take a state back that somebody has set.
    if state == current or (state == alarm_state.INSUFFICIENT_DATA and never_measured(alarm)):
        return
    why = alarm_state.reason(state, values, comparison, threshold, needed, treat_missing)
    alarm.update(StateValue=state, StateReason=why)
    alarm.pop("StateReasonData", None)
    cw._record_history(alarm["AlarmName"], current, state, why)
    cw._dispatch_alarm_actions(alarm, current, state, why)
    cw._evaluate_parent_alarms(alarm)


def points_of(alarm: dict) -> list:
    dimensions = cw._dims_key(cw._dims_from_list(alarm.get("Dimensions") or []))
    points = cw._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or []
    unit = alarm.get("Unit")
    return [point for point in points if not unit or point.get("Unit") == unit]


def never_measured(alarm: dict) -> bool:
    return not points_of(alarm)


def datapoints(alarm: dict, now: float) -> list[float | None]:
    """The statistic of each evaluation period, the newest first; None where nothing was measured."""
    period, count = alarm.get("Period") or 60, alarm.get("EvaluationPeriods") or 1
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    bins: list[list] = [[] for _ in range(count)]
    for point in points_of(alarm):
        age = now - point["Timestamp"]
        # A clock that is a little ahead must not hide its datapoint.
        index = max(0, math.floor(age / period))
        if index < count and age > -period:
            bins[index].append(point)
    return [cw._stat_value(cw._calc_stats(points), statistic, points) if points else None for points in bins]


def publish_queue_metrics(now: float) -> None:
    """AWS/SQS ApproximateNumberOfMessagesVisible of the queues that an alarm watches; ministack publishes none.

    Regularly, and at once when the number changes.
    """
    metric = "ApproximateNumberOfMessagesVisible"
    watched = {
        cw._dims_from_list(alarm.get("Dimensions") or []).get("QueueName")
        for alarm in cw._alarms.values()
        if alarm.get("Namespace") == "AWS/SQS" and alarm.get("MetricName") == metric
    }
    for queue in [queue for queue in sqs._queues.values() if queue["name"] in watched]:
        dimensions = {"QueueName": queue["name"]}
        visible = sum(message["visible_at"] <= now for message in list(queue["messages"]))
        points = cw._metrics.get(("AWS/SQS", metric, cw._dims_key(dimensions)))
        last = points[-1] if points else None
        if last is None or last["Value"] != visible or now - last["Timestamp"] >= QUEUE_METRIC_SECONDS:
            cw.record_metric("AWS/SQS", metric, visible, "Count", dimensions)


def event_of(alarm: dict, state: dict, previous: dict, now: float) -> dict:
    """CloudWatch User Guide, "Alarm events and EventBridge"."""
    return {
        "source": "aws.cloudwatch",
        "detailType": "CloudWatch Alarm State Change",
        "account": get_account_id(),
        "region": get_region(),
        "time": now,
        "resources": [alarm["AlarmArn"]],
        "detail": {
            "alarmName": alarm["AlarmName"],
            "state": state,
            "previousState": previous,
            "configuration": configuration_of(alarm),
        },
    }


def configuration_of(alarm: dict) -> dict:
    described = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    if "AlarmRule" in alarm:
        return {**described, "alarmRule": alarm["AlarmRule"]}
    metric = {
        "namespace": alarm.get("Namespace"),
        "name": alarm.get("MetricName"),
        "dimensions": cw._dims_from_list(alarm.get("Dimensions") or []),
    }
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    measured = {"metric": metric, "period": alarm.get("Period"), "stat": statistic}
    return {**described, "metrics": [{"id": "m1", "metricStat": measured, "returnData": True}]}


def milliseconds(seconds: float) -> float:
    return round(seconds, 3)


def iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{round(seconds * 1000) % 1000:03d}+0000"
