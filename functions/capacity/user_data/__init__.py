"""What user data says about a node's maximum of pods: `read` it, `pods_from` its expression."""

from functions.capacity.user_data.expression import pods_from
from functions.capacity.user_data.reading import read
from functions.capacity.user_data.settings import KubeletSettings, Unreadable

__all__ = ["KubeletSettings", "Unreadable", "pods_from", "read"]
