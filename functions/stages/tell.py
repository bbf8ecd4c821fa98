"""Tell: what people do not know yet is stored with its messages, and the messages are published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from functions.capacity.advice import advice, warm_returns
from functions.capacity.findings.finding import Finding, FindingId
from functions.capacity.findings.subnet_state import LEAD, Situation, reserved, subnet_state
from functions.capacity.forecast import forecast
from functions.capacity.forecast_words import says
from functions.capacity.forms import messages, paging
from functions.capacity.forms.alert import alerts
from functions.capacity.forms.refused import refused
from functions.capacity.incidents import Change, Incident, State, follow, key_of
from functions.capacity.model import Reservation, Snapshot
from functions.capacity.mutes import NOTHING, Mutes, muted, of_tags
from functions.capacity.pages import pages
from functions.capacity.remembered import Chapter, Known, News
from functions.capacity.wording import Form, Message
from functions.ports import Aws
from functions.stages.act import Result

OURSELVES = ""  # in place of a cluster's name: findings about Headroom's own work


@dataclass(frozen=True, kw_only=True)
class OwnFindings:
    """Findings about Headroom itself, and which of the earlier ones this run can say to be over."""

    found: tuple[Finding, ...]
    judges: Callable[[Incident], bool]
    everything: bool = False  # whether the run looked everywhere


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What a run has to say of one subnet or cluster, or of Headroom itself: what people knew, and will know."""

    news: News
    before: Known
    changes: tuple[Change, ...]


def tell(
    results: Iterable[Result],
    snapshot: Snapshot,
    *,
    found: Iterable[Finding],
    own: OwnFindings,
    not_acting: str,
    aws: Aws,
) -> tuple[Change, ...]:
    """Decide what is news, store it with its messages, publish them; the changes that people were told of."""
    found, mutes = tuple(found), aws.mutes.read() | of_tags(snapshot)
    told = [
        *(_of_subnet(each, snapshot, not_acting, mutes, aws) for each in results),
        *(_of_cluster(name, (each for each in found if each.cluster == name), mutes, aws) for name in snapshot.whole),
    ]
    ourselves = _of_ourselves(own, mutes, aws)
    if own.everything:
        told += _of_vanished(ourselves.before.open_chapters - {each.news.title for each in told}, snapshot, aws)
    return _keep_and_publish(told, ourselves, aws)


def tell_of_ourselves(own: OwnFindings, aws: Aws) -> None:
    """Where there was no run that could tell."""
    _keep_and_publish([], _of_ourselves(own, NOTHING, aws), aws)


def publish(aws: Aws) -> None:
    """Publish what is stored, each form in its order. An error escapes: the rest is published by the next run.

    A form whose topic fails holds back no other; nor does a message that SNS will never take.
    """
    failed = dict[Form, Exception]()
    for each in tuple(aws.memory.unpublished()):
        if each.message.form in failed:
            continue
        try:
            _publish(each.message, aws)
        except Exception as error:  # noqa: BLE001 - it escapes below, once the other forms had their turn
            failed[each.message.form] = error
        else:
            aws.memory.published(each.id, aws.clock())
    if failed:
        raise next(iter(failed.values()))


def _publish(message: Message, aws: Aws) -> None:
    why = aws.topic.publish(message)
    if why and aws.topic.publish(refused(message, why, aws.place)):
        aws.topic.publish(refused(message, why, aws.place, quoted=False))


def _keep_and_publish(told: list[_Told], ourselves: _Told, aws: Aws) -> tuple[Change, ...]:
    now = aws.clock()
    changes = tuple(change for each in (*told, ourselves) for change in each.changes)
    paged, storms = pages(changes, ourselves.before.storms, aws.place, now)
    known = replace(ourselves.news.known, storms=storms, open_chapters=_open_chapters(told, ourselves.before))
    ourselves = replace(ourselves, news=replace(ourselves.news, known=known))
    news = [each.news for each in (ourselves, *told) if each.news.known != each.before]
    if news:
        said = messages(alerts(changes, aws.place, now))
        aws.memory.keep_news(news, [*said, *map(paging.message, paged)], now)
    publish(aws)
    return changes


def _open_chapters(told: Iterable[_Told], before: Known) -> frozenset[str]:
    is_open = {each.news.title: each.news.known.open for each in told}
    others = {each for each in before.open_chapters if each not in is_open}
    return frozenset(others | {title for title, still in is_open.items() if still})


def _of_vanished(titles: Iterable[str], snapshot: Snapshot, aws: Aws) -> Iterator[_Told]:
    """Subnets that nobody uses any more, and clusters that are gone: what was told of them is over after its time."""
    for title in sorted(titles):
        chapter, _, name = title.partition("/")
        if chapter == Chapter.SUBNET:
            remembered = aws.memory.of_subnet(name, aws.clock())
            before, version = remembered.known, remembered.version
        elif name not in snapshot.clusters and not any(name in each for each in snapshot.unknowns):
            before, version = aws.memory.of_cluster(name)
        else:
            continue
        changes, incidents = follow((), before.incidents, aws.clock())
        known = replace(before, incidents=incidents)
        news = News(chapter=Chapter(chapter), name=name, known=known, replaces=version)
        yield _Told(news=news, before=before, changes=changes)


def _of_subnet(result: Result, snapshot: Snapshot, not_acting: str, mutes: Mutes, aws: Aws) -> _Told:
    look, now = result.look, _situation(result, not_acting, aws.clock())
    before = look.remembered.known
    changes, incidents = follow(subnet_state(now), before.incidents, aws.clock(), mutes)
    made, reservations = reserved(now, before.reservations)
    done = [_done(made, aws)] if made and not muted(made, mutes) else []
    known = replace(before, incidents=incidents, reservations=reservations)
    return _Told(
        news=News(chapter=Chapter.SUBNET, name=look.subnet_id, known=known, replaces=look.remembered.version),
        before=before,
        changes=(*done, *(_advised(each, result, snapshot, aws) for each in changes)),
    )


def _situation(result: Result, not_acting: str, at: datetime) -> Situation:
    look = result.look
    standing = (each for each in look.analysis.subnet.reservations if each.ours and each.id)
    created = (each for each in result.created if isinstance(each, Reservation))
    return Situation(
        analysis=look.analysis,
        ours=(*standing, *created),
        unfinished=result.unfinished,
        newcomers=look.newcomers,
        why_not=not_acting or look.tripped or ", ".join(sorted(result.plan.limits)),
        at=at,
    )


def _done(made: Finding, aws: Aws) -> Change:
    """What is over and done once it is told."""
    incident = Incident(
        since=aws.clock(),
        finding=made.id,
        resource=str(made.resource),
        title=made.title,
        cluster=made.cluster,
        where=made.where,
    )
    return Change(state=State.DONE, key=key_of(made), incident=incident, severity=made.severity, finding=made)


def _advised(change: Change, result: Result, snapshot: Snapshot, aws: Aws) -> Change:
    """A shortage comes with where it is going, and what would help; the VPC is read only then."""
    finding = change.finding
    if finding is None or finding.id is not FindingId.SHORTAGE:
        return change
    analysis, now = result.look.analysis, aws.clock()
    space = aws.reader.space_of(analysis.subnet.vpc_id, now) if analysis.subnet.vpc_id else None
    outlook = says(forecast(result.look.past.history, analysis, now, LEAD), now)
    steps = (each.replace("\n   ", "\n") for each in advice(analysis, space, warm_returns(analysis, snapshot)))
    advised = replace(finding, numbers={**finding.numbers, "outlook": outlook}, remedy=(*finding.remedy, *steps))
    return replace(change, finding=advised)


def _of_cluster(cluster: str, found: Iterator[Finding], mutes: Mutes, aws: Aws) -> _Told:
    before, version = aws.memory.of_cluster(cluster)
    changes, incidents = follow(found, before.incidents, aws.clock(), mutes)
    known = replace(before, incidents=incidents)
    news = News(chapter=Chapter.CLUSTER, name=cluster, known=known, replaces=version)
    return _Told(news=news, before=before, changes=changes)


def _of_ourselves(own: OwnFindings, mutes: Mutes, aws: Aws) -> _Told:
    """What this run cannot judge stays as it is: a look at one subnet says nothing of another's trouble."""
    before, version = aws.memory.of_cluster(OURSELVES)
    present = {key_of(each) for each in own.found}
    judged = {key: each for key, each in before.incidents.items() if key in present or own.judges(each)}
    changes, after = follow(own.found, judged, aws.clock(), mutes)
    others = {key: each for key, each in before.incidents.items() if key not in judged}
    known = replace(before, incidents={**others, **after})
    return _Told(news=News(chapter=Chapter.HEADROOM, known=known, replaces=version), before=before, changes=changes)
