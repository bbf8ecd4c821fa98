"""The steps of a migration carried out, one at a time: shown, confirmed, done, and looked at before the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cli.access import asking_aws
from cli.migrating.look import Look
from functions.capacity.migration.migration import migration
from functions.capacity.migration.steps import Call, Migration, State, Step

MINUTE = 60.0
SHOWN_WITHIN = 3 * MINUTE  # a write that EC2 and EKS do not show by then did not do what it should
FINISHED_WITHIN = 60 * MINUTE  # a node group that has not come up by then will hardly
AGAIN = (2.0, 5.0, 10.0, 20.0, 30.0)  # seconds between two looks, the last one from then on


class Stopped(Exception):  # noqa: N818 - no fault: the same command goes on
    """Why it goes no further now, in one line."""


@dataclass
class Apply:
    """Goes from step to step until none is left or one stops it.

    `confirm` asks the person; `yes` stands for each yes of theirs but where something is destroyed, since that cannot
    be taken back and pods may still be on it.
    """

    look: Look
    say: Callable[[str], None]
    confirm: Callable[[str], bool]
    yes: bool = False
    _begun: list[tuple[Call, ...]] = field(default_factory=list)

    def run(self) -> Migration:
        """All steps that can be done. Raises Stopped at the first that cannot."""
        while True:
            plan = self._plan()
            if undecided := plan.undecided:
                raise Stopped(f"{undecided.id} needs a decision: {undecided.why}")
            if plan.following is None:
                return plan
            self._take(plan.following)

    def _plan(self) -> Migration:
        return migration(self.look.now())

    def _take(self, step: Step) -> None:
        self.say(f"\n{step.id}: {step.title}\n  {step.why}")
        if step.state is State.WAITING:
            self._wait(step)
        elif step.calls:
            self._write(step)
        else:
            self._leave_to_person(step)

    def _write(self, step: Step) -> None:
        if step.calls in self._begun:
            raise Stopped(f"{step.id} was done, and AWS does not show it: {step.why}")
        if step.shown:
            self.say(f"  in full:\n{_indented(step.shown)}")
        self.say(_indented("\n".join(step.commands)))
        self._agree(step)
        self._begun.append(step.calls)
        with asking_aws():
            for each in step.calls:
                self.look.migrating().do(each)
        self._wait(step)

    def _agree(self, step: Step) -> None:
        if self.yes and not step.destroys:
            return
        alone = f" {step.why}." if step.destroys and self.yes else ""
        if not self.confirm(f"Do it?{alone}"):
            raise Stopped(f"{step.id} was not confirmed")

    def _leave_to_person(self, step: Step) -> None:
        self.say(_indented("\n".join(step.commands)))
        said = f"; then go on with --done {step.id}" if not step.visible else ""
        if self.yes:
            raise Stopped(f"{step.id} is yours to do, by the commands above{said}")
        if not self.confirm(f"Done ({step.check})?"):
            raise Stopped(f"{step.id} is still to be done{said}")
        if step.visible:
            self._wait(step)
        else:
            choices = self.look.choices
            self.look.choices = replace(choices, done=choices.done | {step.id})

    def _wait(self, step: Step) -> None:
        """Until it is done, or asks for something else. Raises Stopped where AWS shows no change in time."""
        waited, looks, why = 0.0, 0, step.why
        while True:
            found = next((each for each in self._plan().steps if each.id == step.id), None)
            if found is None or found.state in {State.DONE, State.BLOCKED}:
                break
            if found.state is State.OPEN and found.calls != step.calls and step.calls:
                return  # there is more of it to do
            if waited >= (SHOWN_WITHIN if found.state is State.OPEN else FINISHED_WITHIN):
                raise Stopped(f"{step.id}: after {waited / MINUTE:.0f} minutes AWS does not show that {step.check}")
            if found.why != why:
                self.say(f"  {found.why}")
            why, pause = found.why, AGAIN[min(looks, len(AGAIN) - 1)]
            time.sleep(pause)
            waited, looks = waited + pause, looks + 1
        if found is None or found.state is State.DONE:
            self.say(f"  done: {step.check}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
