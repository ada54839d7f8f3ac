"""What state an alarm is in, from the datapoints of its evaluation periods. Pure: no clock, no store.

Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", its tables and the section on
premature transitions. One difference: AWS looks farther back than the evaluation periods when datapoints are missing;
here the evaluation range is the evaluation periods, so that an alarm is OK again as soon as nothing bad lies in them.
"""

from collections.abc import Callable, Sequence

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (lambda value, threshold: value > threshold, "greater than"),
    "GreaterThanOrEqualToThreshold": (lambda value, threshold: value >= threshold, "greater than or equal to"),
    "LessThanThreshold": (lambda value, threshold: value < threshold, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, threshold: value <= threshold, "less than or equal to"),
}


def next_state(breaching: Sequence[bool | None], needed: int, treat_missing: str, current: str) -> str:
    """The state after an evaluation.

    `breaching` says of each evaluation period, the newest first, whether its datapoint is bad; None: it is missing.
    `needed` is DatapointsToAlarm.
    """
    bad = sum(value is True for value in breaching)
    missing = sum(value is None for value in breaching)
    if bad >= needed or (treat_missing == "breaching" and bad + missing >= needed):
        return ALARM
    if treat_missing in ("breaching", "notBreaching") or bad + missing < len(breaching):
        return OK
    # Nothing but bad datapoints, fewer than needed, or none at all.
    if treat_missing == "ignore":
        return current
    if bad == 0:
        return INSUFFICIENT_DATA
    oldest = max(age for age, value in enumerate(breaching, 1) if value)
    return ALARM if oldest >= needed else current


def reason(
    state: str, values: Sequence[float | None], comparison: str, threshold: float, needed: int, treat_missing: str
) -> str:
    """The reason of a state, as CloudWatch words it."""
    known = [value for value in values if value is not None]
    periods = len(values)
    if state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {plural(periods, 'datapoint was', 'datapoints were')} unknown."
    if not known:
        treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}.get(treat_missing, treat_missing)
        return (
            f"Threshold Crossed: no datapoints were received for {plural(periods, 'period', 'periods')} "
            f"and {plural(periods, 'missing datapoint was', 'missing datapoints were')} treated as [{treated}]."
        )
    breaks, words = COMPARISONS[comparison]
    telling = [value for value in known if breaks(value, threshold) == (state == ALARM)] or known
    crossing = f"{'OK -> ALARM' if state == ALARM else 'ALARM -> OK'} transition"
    return (
        f"Threshold Crossed: {len(telling)} out of the last {plural(periods, 'datapoint', 'datapoints')} "
        f"[{', '.join(str(value) for value in telling)}] {'was' if len(telling) == 1 else 'were'} "
        f"{'' if state == ALARM else 'not '}{words} the threshold ({threshold}) "
        f"(minimum {plural(needed, 'datapoint', 'datapoints')} for {crossing})."
    )


def plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
