"""How much there is of it: the goal is 300 inputs, each with a sentence of its own."""

from __future__ import annotations

from collections import Counter

from tests.bad_input import test_answers, test_context, test_requests, test_settings, test_snapshots, test_tags
from tests.bad_input.events import MESSAGES

CORPUS: dict[str, list[str]] = {
    "messages on the work queue": [each.sentence for each in MESSAGES],
    "release requests": [str(each.id) for each in test_requests.CASES],
    "answers of AWS as a whole": [str(each.id) for each in test_answers.WHOLES],
    "fields of AWS's answers": [str(each.id) for each in test_answers.FIELDS],
    "tags": [str(each.id) for each in (*test_tags.SETTINGS, *test_tags.MODES, *test_tags.OWNERS)],
    "environments": [str(each.id) for each in test_settings.CASES],
    "configurations": [str(each.id) for each in test_context.CASES],
    "saved snapshots": [
        str(each.id)
        for each in (
            *test_snapshots.WHOLES,
            *test_snapshots.OF_THE_NETWORK,
            *test_snapshots.OF_NODES,
            *test_snapshots.ITEMS,
        )
    ],
}


def test_there_are_at_least_three_hundred_and_some_of_every_kind():
    assert sum(map(len, CORPUS.values())) >= 300
    assert min(map(len, CORPUS.values())) >= 30


def test_no_two_of_a_kind_have_the_same_sentence():
    twice = {kind: [each for each, times in Counter(said).items() if times > 1] for kind, said in CORPUS.items()}
    assert {kind: said for kind, said in twice.items() if said} == {}
