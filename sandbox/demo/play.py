"""One play of the story on a fresh embedded AWS: without Headroom, or with it deployed and listening."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.capacity.blocks import BlockMap
from functions.capacity.model import PREFIX_LENGTH
from functions.capacity.wording import Form
from sandbox.demo.listener import Listener, NotSeenError
from sandbox.demo.pager import Pager
from sandbox.demo.published_schemas import breaches, received
from sandbox.demo.scenario import Scenario, Tally
from sandbox.demo.stage import Say, Stage
from sandbox.deployment import Deployment, deploy
from sandbox.process import EmbeddedAws, embedded_aws

SWEEP_SECONDS = 300  # of the story's time, as the deployed schedule has it of real time
# The story runs some hundred times faster than the clock, so what waits by the clock waits not at all in it.
CONFIGURATION = {
    "batchingWindowSeconds": 0,
    "wakeAfterSeconds": 0,
    "settleSeconds": 0,
    "sweepMinutes": SWEEP_SECONDS // 60,
}
NAMED = 4  # ranges in one line

AfterDeployment = Callable[[EmbeddedAws, Deployment], None]


@dataclass(frozen=True, kw_only=True)
class Play:
    """What was seen in one play."""

    tally: Tally
    before: BlockMap
    after: BlockMap
    events: tuple[dict[str, str], ...] = ()
    reservations: tuple[dict[str, str], ...] = ()
    alerts: tuple[str, ...] = ()  # bodies, as mail
    chat: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()


def play_without(scenario: Scenario, folder: Path, say: Say) -> Play:
    """The story in an account where nobody looks."""
    with embedded_aws(folder, seed=scenario.seed) as aws:
        stage = Stage(aws, scenario, say)
        before = stage.blocks()
        stage.run(each_tick=lambda _: None)
        return Play(tally=stage.tally(), before=before, after=stage.blocks())


def play_with(
    scenario: Scenario,
    folder: Path,
    say: Say,
    *,
    app: str = "",
    after_deployment: AfterDeployment = lambda _, __: None,
) -> Play:
    """The same story with Headroom deployed. Raises NotSeenError when its work cannot be seen from outside.

    `app` is for `deploy`; `after_deployment` may look at, or break, what was deployed.
    """
    with embedded_aws(folder, seed=scenario.seed) as aws:
        began = time.monotonic()
        say("deploying Headroom with the CDK ...")
        deployment = deploy(aws, folder, CONFIGURATION, app=app)
        say(f"deployed stack {deployment.stack} in {time.monotonic() - began:.0f} s")
        after_deployment(aws, deployment)
        listener = Listener(aws, deployment)
        stage = Stage(aws, scenario, say)
        listener.wait_until_quiet()  # with the events of the cluster's making, so that what follows has one cause
        if made := stage.new_reservations():
            say(f"Headroom reserved {_ranges(made)}, for the nodes that there are")
        before = stage.blocks()

        def let_headroom_work(tick: int) -> None:
            if tick and tick * scenario.tick_seconds % SWEEP_SECONDS == 0:
                listener.sweep()
            listener.wait_until_quiet()
            made, released = stage.new_reservations(), stage.released()
            if made:
                stage.say(tick, f"Headroom reserved {_ranges(made)}")
            elif tick == 0 and scenario.mode == "ahead":
                raise NotSeenError("no reservation at the EC2 API after the node group was told that it may grow")
            if released:
                stage.say(tick, f"Headroom gave back {_ranges(released)}, for single addresses")

        stage.run(each_tick=let_headroom_work)
        came_of_it = Play(
            tally=stage.tally(),
            before=before,
            after=stage.blocks(),
            events=tuple(listener.events()),
            reservations=tuple(stage.reservations()),
            stacks=(deployment.stack,),
        )
        with Pager(aws, deployment.outputs["PagingTopicArn"]) as pager:
            stage.ask_too_much()
            listener.wait_until_quiet()
            pager.wait_for_a_page()
        return _seen(came_of_it, listener, pager)


def _validate(envelopes: Mapping[Form, Sequence[Mapping[str, Any]]]) -> None:
    """Raises NotSeenError where a message does not obey the schema that is published for its form."""
    for form, its in envelopes.items():
        for each in its:
            if wrong := breaches(received(each, form)):
                raise NotSeenError(f"a message for {form} does not obey docs/schemas/{form}.json: {'; '.join(wrong)}")


def _ranges(cidrs: list[str]) -> str:
    """How many ranges and blocks, and the first few of them."""
    blocks = sum(2 ** (PREFIX_LENGTH - int(each.split("/")[1])) for each in cidrs)
    more = f" and {len(cidrs) - NAMED} more" if len(cidrs) > NAMED else ""
    size = f"{blocks} blocks in {len(cidrs)} ranges: " if len(cidrs) > 1 else ""
    return f"{size}{', '.join(cidrs[:NAMED])}{more}"


def _seen(came_of_it: Play, listener: Listener, pager: Pager) -> Play:
    envelopes = {Form.MAIL: listener.mails(), Form.CHAT: listener.chat(), Form.PAGING: pager.pages}
    _validate(envelopes)
    mails, chat, pages = (tuple(each["Message"] for each in envelopes[form]) for form in Form)
    play = replace(came_of_it, alerts=mails, chat=chat, pages=pages)
    missing = [
        what
        for what, there in (
            ("a reservation of Headroom's at the EC2 API", play.reservations),
            ("an alert about reserved prefixes at the subscriber", [a for a in play.alerts if "ahead of demand" in a]),
            ("the same in the chat", [each for each in play.chat if "ahead of demand" in each]),
            ("the event UpdateNodegroupConfig on the bus", [e for e in play.events if "UpdateNodegroup" in e["what"]]),
            ("a page about the shortage", [each for each in play.pages if "subnet-cannot-hold-demand" in each]),
        )
        if not there
    ]
    if missing:
        raise NotSeenError(f"not seen: {'; '.join(missing)}. {listener.dead_letters()} messages in the DLQ.")
    return play
