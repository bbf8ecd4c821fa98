"""Tell: what people do not know yet is stored with its messages, and the messages are published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from functions.capacity import finding_messages
from functions.capacity.advice import advice, warm_returns
from functions.capacity.alerts import Notice, Situation, State, decide
from functions.capacity.findings.finding import Finding, FindingId
from functions.capacity.forecast import forecast
from functions.capacity.forecast_words import says
from functions.capacity.incidents import Change, Incident, Incidents, batches, follow
from functions.capacity.messages import message
from functions.capacity.model import Reservation, Snapshot
from functions.capacity.remembered import ClusterNews, SubnetNews
from functions.capacity.wording import Message
from functions.ports import Aws
from functions.stages.act import Result

LEAD = timedelta(days=1)  # of the forecasts that people are told
OURSELVES = ""  # in place of a cluster's name: findings about Headroom's own work


@dataclass(frozen=True, kw_only=True)
class OwnFindings:
    """Findings about Headroom itself, and which of the earlier ones this run can say to be over."""

    found: tuple[Finding, ...]
    judges: Callable[[Incident], bool]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What was told: notices by subnet, and changes of findings."""

    notices: Mapping[str, tuple[Notice, ...]]
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class _News:
    """What a subnet or a cluster has to say: what people will know (None: nothing new) and the messages for it."""

    kept: SubnetNews | ClusterNews | None
    messages: tuple[Message, ...] = ()
    notices: tuple[Notice, ...] = ()
    changes: tuple[Change, ...] = ()


def tell(
    results: Iterable[Result],
    snapshot: Snapshot,
    *,
    found: Iterable[Finding],
    own: OwnFindings,
    not_acting: str,
    aws: Aws,
) -> Telling:
    """Decide what is news, store it with its messages, publish them."""
    found = tuple(found)
    subnets = {each.look.subnet_id: _of_subnet(each, snapshot, not_acting, aws) for each in results}
    clusters = [_of_cluster(name, (each for each in found if each.cluster == name), aws) for name in snapshot.whole]
    everything = [*subnets.values(), *clusters, _of_ourselves(own, aws)]
    _keep(everything, aws)
    publish(aws)
    return Telling(
        notices={id_: each.notices for id_, each in subnets.items()},
        changes=tuple(change for each in everything for change in each.changes),
    )


def tell_of_ourselves(own: OwnFindings, aws: Aws) -> None:
    """Where there was no run that could tell."""
    _keep([_of_ourselves(own, aws)], aws)
    publish(aws)


def publish(aws: Aws) -> None:
    """Publish what is stored, in order. An error escapes: the rest is published by the next run."""
    for each in aws.memory.unpublished():
        aws.topic.publish(each.message)
        aws.memory.published(each.id)


def _keep(everything: Iterable[_News], aws: Aws) -> None:
    kept = [each.kept for each in everything if each.kept]
    if kept:
        aws.memory.keep_news(kept, [message for each in everything for message in each.messages], aws.clock())


def _of_subnet(result: Result, snapshot: Snapshot, not_acting: str, aws: Aws) -> _News:
    look = result.look
    standing = (each for each in look.analysis.subnet.reservations if each.ours and each.id)
    created = (each for each in result.created if isinstance(each, Reservation))
    situation = Situation(
        analysis=look.analysis,
        ours=(*standing, *created),
        unfinished=result.unfinished,
        newcomers=look.newcomers,
        why_not=not_acting or look.tripped or ", ".join(sorted(result.plan.limits)),
    )
    notices, after = decide(situation, look.remembered.told, aws.clock())
    news = SubnetNews(subnet_id=look.subnet_id, told=after, replaces=look.remembered.version)
    return _News(
        kept=news if after != look.remembered.told else None,
        messages=tuple(message(_advised(each, result, snapshot, aws)) for each in notices),
        notices=notices,
    )


def _advised(notice: Notice, result: Result, snapshot: Snapshot, aws: Aws) -> Notice:
    """A shortage comes with where it is going, and what would help; the VPC is read only then."""
    if notice.finding is not FindingId.SHORTAGE or notice.state is State.RESOLVED:
        return notice
    analysis, now = result.look.analysis, aws.clock()
    space = aws.reader.space_of(analysis.subnet.vpc_id) if analysis.subnet.vpc_id else None
    return replace(
        notice,
        outlook=says(forecast(result.look.past.history, analysis, now, LEAD), now),
        advice=advice(analysis, space, warm_returns(analysis, snapshot)),
    )


def _of_cluster(cluster: str, found: Iterable[Finding], aws: Aws) -> _News:
    before, version = aws.memory.of_cluster(cluster)
    changes, after = follow(found, before, aws.clock())
    return _cluster_news(cluster, changes, before, after, version)


def _of_ourselves(own: OwnFindings, aws: Aws) -> _News:
    """What this run cannot judge stays as it is: a look at one subnet says nothing of another's trouble."""
    before, version = aws.memory.of_cluster(OURSELVES)
    present = {" ".join(each.key) for each in own.found}
    judged = {key: each for key, each in before.items() if key in present or own.judges(each)}
    changes, after = follow(own.found, judged, aws.clock())
    others = {key: each for key, each in before.items() if key not in judged}
    return _cluster_news(OURSELVES, changes, before, {**others, **after}, version)


def _cluster_news(
    cluster: str, changes: tuple[Change, ...], before: Incidents, after: Incidents, version: int
) -> _News:
    return _News(
        kept=ClusterNews(cluster=cluster, incidents=after, replaces=version) if after != before else None,
        messages=tuple(finding_messages.message(cluster, batch) for batch in batches(changes)),
        changes=changes,
    )
