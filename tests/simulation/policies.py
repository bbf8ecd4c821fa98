"""The controls: three ways in which others do it, in the same world. A harness that finds nothing wrong is not looking.

Each is Headroom but for one policy that peers are known for (RELIABILITY.md, 'How peers fail').
"""

from functions.capacity.analyse import analyse
from functions.capacity.plan import Refused
from functions.capacity.planning import planned
from functions.capacity.wording import Message
from functions.handlers.reconcile import read_batch
from tests.simulation.lambdas import Answer, Records, naive_ports, run_reconcile
from tests.simulation.process import Process
from tests.simulation.world import HEADROOM, Deployment, World

RETENTION = 300.0  # seconds, as aws-node-termination-handler's queue has it


def _deletes_what_it_cannot_read(world: World, process: Process, records: Records) -> Answer:
    """Karpenter's: a message that cannot be parsed is deleted."""
    answer = run_reconcile(world, process, records)
    return Answer(failed=frozenset(), outcome=answer.outcome)


def _reads_creates_publishes(world: World, process: Process, records: Records) -> Answer:
    """What one writes first: read AWS, make what is missing, say so. The caps are kept by what EC2 shows."""
    batch = read_batch(records)
    if batch.scope:
        ports = naive_ports(world, process)
        acts = not ports.switch.read().keeps_from_acting
        for analysis in analyse(ports.reader.read(batch.scope, world.clock.utc())):
            plan = planned(analysis, world.policy, (), created_today=0, released_today=0)
            for action in plan.actions if acts else ():
                made = ports.writer.create(action, ports.intent(action))
                if not isinstance(made, Refused):
                    words = {"finding": "reserved", "state": "done", "subnet": action.subnet_id}
                    ports.topic.publish(Message(subject="reserved", body=str(made.cidr), attributes=words))
    return Answer(failed=frozenset(batch.malformed))


DELETES_ON_PARSE_ERROR = Deployment(name="deletes a message on a parse error", reconcile=_deletes_what_it_cannot_read)
NO_DLQ = Deployment(name="no dead-letter queue, 300 s retention", most_receives=None, retention=RETENTION)
NO_JOURNAL = Deployment(name="read, create, publish: no journal", reconcile=_reads_creates_publishes)

CONTROLS = (DELETES_ON_PARSE_ERROR, NO_DLQ, NO_JOURNAL)
ALL = (HEADROOM, *CONTROLS)
