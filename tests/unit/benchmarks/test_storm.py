"""What a ledger says of a storm."""

from benchmarks.storm import measured


def event(at, queue="Headroom-WorkQueue1"):
    return {"at": at, "what": "delivered", "queue": queue}


def call(at, action):
    return {"at": at, "what": "call", "action": action}


def batch(at, queue):
    return {"at": at, "what": "batch", "queue": queue, "messages": 1, "oldest": at}


NOTES = [
    event(0),
    event(1, "Headroom-FastQueue1.fifo"),
    batch(5, "Headroom-FastQueue1.fifo"),
    call(6, "DescribeSubnets"),
    call(7, "DescribeNetworkInterfaces"),
    call(8, "DescribeNetworkInterfaces"),
    event(9),
    call(9, "CreateSubnetCidrReservation"),
    batch(40, "Headroom-WorkQueue1"),
    call(41, "DescribeSubnets"),
    call(42, "DescribeNetworkInterfaces"),
]


def test_reads_are_counted_pages_of_one_look_are_one_view_and_each_event_waits_for_the_next_view():
    found = measured(NOTES, nodes=2, speed=1, pollers=1, late=0)
    assert (found.events, found.invocations, found.by_queue) == (2, 2, {"Fast": 1, "Work": 1})
    assert (found.looks, found.ec2_reads) == (2, 5)
    assert found.first_look_seconds == 7
    assert found.oldest_view_seconds == 42 - 9


def test_at_speed_seconds_are_of_the_storys_time():
    assert measured(NOTES, nodes=2, speed=5, pollers=1, late=0).first_look_seconds == 35


def test_an_event_that_no_look_followed_waits_for_ever():
    assert measured([*NOTES, event(43)], nodes=2, speed=1, pollers=1, late=0).oldest_view_seconds == float("inf")
