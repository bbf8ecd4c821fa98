"""`headroom migrate`: from secondary to prefix mode as the EKS user guide has it, planned, and done step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.access import Access
from cli.errors import UserError
from cli.options import AccountRole, AsJson, ExternalId, Profile, Region, SnapshotFile, StackName
from cli.plan import Mode

if TYPE_CHECKING:
    from cli.migrating.look import Look
    from functions.capacity.migration.situation import Choices
    from functions.capacity.migration.steps import Migration, Step

MARKS = {"done": "x", "to do": " ", "under way": "~", "needs a decision": "!"}


def command(
    cluster: Annotated[str, typer.Argument(help="The EKS cluster.")],
    apply: Annotated[bool, typer.Option("--apply", help="Do the steps, each shown and confirmed first.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Without asking, but for what is deleted: that cannot be taken back.")
    ] = False,
    mode: Annotated[Mode, typer.Option(help="How the subnets are tagged that have no mode yet.")] = Mode.AHEAD,
    keep: Annotated[
        list[str] | None, typer.Option(help="A group that stays as it is; more than once for more.")
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option(help="Types for a group's new one, as workers=m5.large,m5a.large.")
    ] = None,
    done: Annotated[
        list[str] | None, typer.Option(help="A step that you did and AWS does not show, by its id, as drain:workers.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Although not all new nodes may fit.")] = False,
    snapshot: SnapshotFile = None,
    stack: StackName = "Headroom",
    as_json: AsJson = False,
    profile: Profile = "",
    region: Region = "",
    account_role: AccountRole = "",
    external_id: ExternalId = "",
) -> None:
    """Show the way from secondary to prefix mode with every value filled in; with --apply, go it step by step.

    What is done already is seen, so the same command goes on after a stop. Exits 2 while steps are left.
    """
    from cli.migrating.look import Look

    if apply and snapshot:
        raise UserError("--apply works on AWS, not on a saved snapshot")
    access = Access(profile=profile, region=region, account_role=account_role, external_id=external_id)
    chosen = _choices(mode, keep or [], types or [], done or [], anyway=anyway)
    look = Look(access=access, cluster=cluster, file=snapshot, choices=chosen, stack=stack)
    plan, stopped = _applied(look, yes=yes, as_json=as_json) if apply else (_plan(look), "")
    if as_json:
        typer.echo(json.dumps(_object(plan) | ({"stopped": stopped} if apply else {}), indent=1))
    elif not apply:
        typer.echo(_text(plan, access))
    if stopped:
        typer.echo(f"stopped: {stopped}", err=True)
    if plan.following:
        raise typer.Exit(2)
    if apply and not as_json:
        typer.echo("nothing is left to do")


def _choices(mode: Mode, keep: list[str], types: list[str], done: list[str], *, anyway: bool) -> Choices:
    from functions.capacity.migration.situation import Choices
    from functions.capacity.model import Mode as SubnetMode

    named = dict(_group_and_types(each) for each in types)
    return Choices(mode=SubnetMode(mode.value), keep=frozenset(keep), types=named, done=frozenset(done), anyway=anyway)


def _group_and_types(text: str) -> tuple[str, tuple[str, ...]]:
    group, _, listed = text.partition("=")
    names = tuple(each.strip() for each in listed.split(",") if each.strip())
    if not group or not names:
        raise UserError(f"--types takes a group and its types, as workers=m5.large,m5a.large; not {text!r:.60}")
    return group, names


def _plan(look: Look) -> Migration:
    from functions.capacity.migration.migration import migration

    return migration(look.now())


def _applied(look: Look, *, yes: bool, as_json: bool) -> tuple[Migration, str]:
    """The plan after what could be done, and why it stopped; the state is AWS's own, so Ctrl-C harms nothing."""
    from cli.migrating.apply import Apply, Stopped

    def say(text: str) -> None:
        typer.echo(text, err=as_json)

    try:
        return Apply(look=look, say=say, confirm=lambda text: typer.confirm(text, err=as_json), yes=yes).run(), ""
    except Stopped as reason:
        stopped = str(reason)
    except (KeyboardInterrupt, typer.Abort):
        stopped = "interrupted or nobody answered; the same command goes on from here"
    return _plan(look), stopped


def _object(plan: Migration) -> dict[str, Any]:
    return {"cluster": plan.cluster, "steps": list(map(_step_object, plan.steps)), "notes": list(plan.notes)}


def _step_object(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "state": step.state,
        "why": step.why,
        "by": "aws" if step.calls else "you",
        "commands": list(step.commands),
        "calls": [
            {"service": each.service, "operation": each.operation, "parameters": each.arguments} for each in step.calls
        ],
        "shown": step.shown,
        "check": step.check,
        "visible": step.visible,
        "destroys": step.destroys,
    }


def _text(plan: Migration, access: Access) -> str:
    from functions.capacity.wording import clean

    whose = {"AWS_PROFILE": access.profile, "AWS_DEFAULT_REGION": access.region}
    named = " ".join(f"{name}={value}" for name, value in whose.items() if value)
    paragraphs = [f"for the commands below: export {named}"] if named and plan.steps else []
    paragraphs += [_paragraph(number, each) for number, each in enumerate(plan.steps, 1)]
    paragraphs += ["\n".join(f"note: {each}" for each in plan.notes)] if plan.notes else []
    left = sum(each.state != "done" for each in plan.steps)
    end = f"{left} of {len(plan.steps)} steps left" if left else "nothing is left to do"
    return "\n".join(map(clean, "\n\n".join([*paragraphs, end]).split("\n")))


def _paragraph(number: int, step: Step) -> str:
    lines = [f"[{MARKS[step.state]}] {number}. {step.title}  ({step.id}, {step.state})", f"      {step.why}"]
    if step.state == "done":
        return "\n".join(lines)
    if step.shown:
        lines += ["      in full:", *(f"        | {line}" for line in step.shown.splitlines())]
    lines += [f"      {line}" for each in step.commands for line in each.splitlines()]
    lines.append(f"      checked by: {step.check}")
    return "\n".join(lines)
