"""The product against a world in memory that breaks in every way that RELIABILITY.md names: seeded, in fake time.

What runs is the product's own code: the pure core, the adapters of functions/aws and the handlers' wiring. What is
played is AWS, at the level of boto3's client objects (ec2.py, eks.py, dynamodb.py, queues.py), the people and nodes
in it (nature.py), and what goes wrong (faults.py). invariants.py knows the truth and judges after every step.
"""
