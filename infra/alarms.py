"""The alarms about Headroom itself, and one over all subnets. Each description says what to do.

Alerts about subnets, with what helps, come from the function; its metrics tell CloudWatch the same by another way.
"""

from __future__ import annotations

import re

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.alerts import Alerts
from infra.audit import Audit
from infra.dashboard import worst_of_subnets
from infra.fast_queue import FastQueue
from infra.reconcile import Reconcile
from infra.release import Release
from infra.work_queue import WorkQueue

_MISSED_SWEEPS = 3
_SHORT_SWEEPS = 2  # of an hour at the most: Metrics Insights alarms see three hours back


class Alarms(Construct):
    """Dead letters, failed runs, work that waits, a schedule that has stopped, and subnets short of prefixes."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        work_queue: WorkQueue,
        fast_queue: FastQueue,
        reconcile: Reconcile,
        release: Release,
        sweep_every: Duration,
        alerts: Alerts,
        runbooks_url: str,
        audit: Audit,
        organisation: sfn.IStateMachine | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._action, self._runbooks = actions.SnsAction(alerts.topic), runbooks_url
        function = reconcile.function
        self._about_dead_letters(
            "DeadLetters",
            work_queue.dead_letters,
            "Headroom could not handle a message. Read it in the dead-letter queue and the function's log "
            "around that time; fix the cause, then redrive the queue. Sweeps go on meanwhile.",
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
        self._about_subnets(sweep_every)
        self._about_the_fast_way(fast_queue)
        self._about_releases(release)
        self._about_the_audit(audit)
        if organisation:
            self._about_the_organisation(organisation)

    def _about_dead_letters(self, name: str, queue: sqs.IQueue, description: str) -> None:
        self._alarm(
            name,
            queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum"),
            threshold=1,
            description=description,
            # SQS stops reporting on a queue that nobody used for six hours; it is empty then, or was in alarm before.
            missing=cloudwatch.TreatMissingData.IGNORE,
        )

    def _about_subnets(self, sweep_every: Duration) -> None:
        """One alarm for all of them: each is a contributor with a state of its own, and new ones join by themselves.

        MIN: what a run mends between two sweeps is no shortage.
        """
        self._alarm(
            "SubnetsShort",
            worst_of_subnets("MissingPrefixes", function="MIN", order="DESC", period=sweep_every),
            threshold=1,
            periods=_SHORT_SWEEPS,
            description="Node groups may ask for more prefixes than a subnet has free, and Headroom could not mend it "
            f"in {_SHORT_SWEEPS} sweeps. Look which subnets they are among the alarm's contributors, then read "
            "Headroom's own alert about each: it says what helps.",
            # A subnet that is not seen whole sends no value: nothing begins and nothing ends by that.
            missing=cloudwatch.TreatMissingData.IGNORE,
            # SNS would get a message for each of up to 100 contributors, and one for the alarm; of each subnet
            # people hear from Headroom itself, and of many at once in a single digest.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Acting_Alarm_Changes.html
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
            told=False,
        )

    def _about_the_audit(self, audit: Audit) -> None:
        """Nobody waits for the answer of a scheduled one. Whoever invokes it by hand sees the error."""
        self._about_dead_letters(
            "AuditDeadLetters",
            audit.dead_letters,
            "A scheduled audit of Headroom failed three times or could not be started, so there is no "
            "report. Read in the audit's dead-letter queue what was asked and why it failed: AccessDenied and "
            "throttling are named there. Ask for the report again, then purge the queue.",
        )

    def _about_the_organisation(self, machine: sfn.IStateMachine) -> None:
        """An account that was not read is no failure of the run, but a line of its report."""
        self._alarm(
            "OrganisationFailed",
            machine.metric_failed(period=Duration.minutes(5), statistic="Sum"),
            threshold=1,
            description="Headroom's audit of the organisation failed. Look at the failed execution of its state "
            "machine: where more accounts failed than are tolerated, the step before the last has the report that "
            "names them.",
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,  # it runs seldom
        )
        self._alarm(
            "OrganisationTimedOut",
            machine.metric_timed_out(period=Duration.minutes(5), statistic="Sum"),
            threshold=1,
            description="Headroom's audit of the organisation did not end in time, so there is no report. Look at the "
            "map run of its execution, which accounts take so long, and whether Lambda is throttled.",
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _about_the_fast_way(self, fast_queue: FastQueue) -> None:
        self._about_dead_letters(
            "FastDeadLetters",
            fast_queue.dead_letters,
            "Headroom could not look at once when it was asked to. Read the function's log around that "
            "time; purge the fast queue's dead-letter queue afterwards. What was asked for came by the work queue too.",
        )

    def _about_releases(self, release: Release) -> None:
        self._about_dead_letters(
            "ReleaseDeadLetters",
            release.dead_letters,
            "Headroom's release function could not read a request. Read it in the release queue's "
            "dead-letter queue: somebody else wrote it, or it is a fault of Headroom. Nothing was deleted for it.",
        )
        self._alarm(
            "ReleaseErrors",
            release.function.metric_errors(period=Duration.minutes(5), statistic="Sum"),
            threshold=1,
            description="A run of Headroom's release function failed or timed out. The request is tried again for "
            "five minutes, then the next pass asks anew; if this stays, read the function's log: AccessDenied and "
            "throttling are named there.",
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,  # no request, no error
        )
        self._alarm(
            "ReleaseWaiting",
            release.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(5), statistic="Maximum"),
            # What fails is dropped when it is five minutes old, what cannot be read after five tries of three minutes.
            threshold=Duration.minutes(20).to_seconds(),
            description="Nobody reads Headroom's release queue, so single addresses do not get the room that was "
            "planned for them. Look whether the release function is throttled or its event source is disabled.",
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,  # an idle queue reports nothing
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        description: str,
        missing: cloudwatch.TreatMissingData,
        comparison: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        periods: int = 1,
        told: bool = True,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=periods,
            alarm_description=f"{description} Runbook: {self._runbook(name)}",
            treat_missing_data=missing,
        )
        if not told:
            return
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)  # whoever was told that it broke is told that it is over

    def _runbook(self, name: str) -> str:
        """The page of an alarm (DeadLetters: dead-letters), as a link where the deployment says where pages are."""
        page = f"alarm-{re.sub(r'(?<!^)(?=[A-Z])', '-', name).lower()}.md"
        return f"{self._runbooks or 'docs/runbooks'}/{page}"
