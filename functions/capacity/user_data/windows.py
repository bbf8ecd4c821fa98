"""Windows: PowerShell that calls Start-EKSBootstrap.ps1, with -KubeletExtraArgs.

EKS user guide, 'bootstrap-script-configuration-parameters' and 'cni-increase-ip-addresses-procedure' (Windows).
"""

from __future__ import annotations

import re

from functions.capacity.clusters import Family
from functions.capacity.user_data.flags import max_pods_flag
from functions.capacity.user_data.settings import KubeletSettings, Unreadable

# A parameter's value in double quotes (` escapes), in single quotes, or bare; PowerShell knows no case in names.
_PARAMETER = re.compile(
    r"""-KubeletExtraArgs(?:[ \t]*:[ \t]*|[ \t]+)(?:"((?:[^"`]|`.|"")*)"|'((?:[^']|'')*)'|([^\s"';|&]+))""",
    re.IGNORECASE | re.DOTALL,
)
_HINTS = re.compile(r"KubeletExtraArgs|max-?pods|KubeletConfiguration", re.IGNORECASE)


def read_windows(text: str) -> KubeletSettings:
    """What -KubeletExtraArgs says; nothing where it is not given. Raises Unreadable."""
    script = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    script = re.sub(r"`\r?\n", " ", script)  # a backtick continues the line
    values = {next((each for each in found if each), "") for found in _PARAMETER.findall(script)}
    touched = _HINTS.search(_PARAMETER.sub("", script))
    if touched:
        raise Unreadable(f"has a script that touches the kubelet's settings ({touched.group()})")
    if len(values) > 1:
        raise Unreadable("gives -KubeletExtraArgs more than once, and differently")
    arguments = next(iter(values), "").replace("`", "").replace('"', "").split()
    return KubeletSettings(max_pods=max_pods_flag(arguments), family=Family.WINDOWS)
