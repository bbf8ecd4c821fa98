"""What can go wrong with a cluster's Kubernetes API; apart, since few commands and functions ever ask one."""

from __future__ import annotations


class KubernetesError(RuntimeError):
    """A cluster's Kubernetes API that does not say what is asked. The message is one line, for people."""


class NotThereError(KubernetesError):
    """The API answers, and has no such object."""
