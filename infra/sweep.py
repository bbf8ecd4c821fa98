"""The sweep: every few minutes a message that asks to look everywhere, because events are best effort."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from functions.capacity.routes import OWN_SOURCE, SWEEP
from infra.work_queue import WorkQueue


class Sweep(Construct):
    """A schedule of EventBridge Scheduler that sends our own `Sweep` event straight to the work queue."""

    def __init__(self, scope: Construct, id_: str, *, every: Duration, work_queue: WorkQueue) -> None:
        super().__init__(scope, id_)
        scheduler.Schedule(
            self,
            "Schedule",
            description="Headroom looks at every subnet, to repair what lost events left undone",
            schedule=scheduler.ScheduleExpression.rate(every),
            time_window=scheduler.TimeWindow.off(),
            target=targets.SqsSendMessage(
                work_queue.queue,
                input=scheduler.ScheduleTargetInput.from_object(
                    {"source": OWN_SOURCE, "detail-type": SWEEP, "detail": {}}
                ),
                dead_letter_queue=work_queue.dead_letters,
                # A sweep that could not be sent before the next one is due is of no use.
                max_event_age=every,
                retry_attempts=3,
            ),
        )
