"""The alarms about Headroom itself. Each description says what to do; alerts about subnets come from the function."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from infra.alerts import Alerts
from infra.reconcile import Reconcile
from infra.work_queue import WorkQueue

_MISSED_SWEEPS = 3


class Alarms(Construct):
    """Dead letters, failed runs, work that waits, and a schedule that has stopped."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        work_queue: WorkQueue,
        reconcile: Reconcile,
        sweep_every: Duration,
        alerts: Alerts,
    ) -> None:
        super().__init__(scope, id_)
        self._action = actions.SnsAction(alerts.topic)
        function = reconcile.function
        self._alarm(
            "DeadLetters",
            work_queue.dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            threshold=1,
            description="Headroom could not handle a message. Read it in the dead-letter queue and the function's log "
            "around that time; fix the cause, then redrive the queue. Sweeps go on meanwhile.",
            # SQS stops reporting on a queue that nobody used for six hours; it is empty then, or was in alarm before.
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
        self._alarm(
            "Errors",
            function.metric_errors(period=Duration.minutes(5), statistic="Sum"),
            threshold=1,
            description="A run of Headroom's function failed or timed out. Its messages come back by themselves; if "
            "this stays, read the function's log: AccessDenied and throttling are named there.",
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,  # no run, no error; `Sweeps` sees that there is none
        )
        self._alarm(
            "Waiting",
            work_queue.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(5), statistic="Maximum"),
            # A message that failed once is seen again after the visibility timeout of about 12 minutes; two tries and
            # no success is what a person should know about.
            threshold=Duration.minutes(30).to_seconds(),
            description="Work has waited for half an hour, so reservations are late. Look whether the function is "
            "throttled, failing (alarm Errors), or its event source is disabled.",
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,  # an idle queue reports nothing
        )
        self._alarm(
            "Sweeps",
            function.metric_invocations(period=sweep_every, statistic="Sum"),
            threshold=1,
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            periods=_MISSED_SWEEPS,
            description=f"Headroom did not run in the time of {_MISSED_SWEEPS} sweeps: nothing is watched. Look "
            "whether the schedule and the function's event source are enabled. Expected once, briefly, after the "
            "first deployment.",
            missing=cloudwatch.TreatMissingData.BREACHING,  # silence is the fault
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.Metric,
        *,
        threshold: float,
        description: str,
        missing: cloudwatch.TreatMissingData,
        comparison: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        periods: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=periods,
            alarm_description=description,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)  # whoever was told that it broke is told that it is over
