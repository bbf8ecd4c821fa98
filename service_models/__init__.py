"""botocore's descriptions of AWS services, cut down to some of their calls, for what has to start quickly.

A description of EC2 has 700 calls and takes longer to read than all our own code together.
"""

from service_models.cut import Description, paginators, trimmed

__all__ = ["Description", "paginators", "trimmed"]
