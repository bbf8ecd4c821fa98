"""Shell scripts: Amazon Linux 2's /etc/eks/bootstrap.sh, and what else changes the kubelet's settings unseen.

Options and their meaning: awslabs/amazon-eks-ami, templates/al2/runtime/bootstrap.sh (removed from its main branch).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from functions.capacity.clusters import Family
from functions.capacity.user_data.flags import max_pods_flag, split_arguments
from functions.capacity.user_data.settings import KubeletSettings, Unreadable

MOST_CALLS = 5
_ENDS = ";&|<>()\n"  # what ends a command, or starts another inside it
# The script as a command, not as a file that sed edits. Blanks, not \s: a search over many empty lines stays linear.
_CALL = re.compile(
    r"(?:^|[;&|({]|\b(?:then|do|else)\b)[ \t]*"
    r"(?:(?:sudo|exec|bash|sh)[ \t]+(?:-[\w-]+[ \t]+)*)*"
    r"""["']?/etc/eks/bootstrap\.sh["']?(?=[ \t\n]|$)""",
    re.MULTILINE,
)
_TOUCHES = re.compile(
    r"/etc/eks(?!/(?:containerd|image-credential-provider))|/etc/kubernetes/kubelet|/var/lib/kubelet/config"
    r"|kubelet-config|kubelet\.service|KUBELET_EXTRA_ARGS|USE_MAX_PODS|maxPods|max-pods-calculator|nodeadm"
    r"|snap set kubelet"
)
_HINTS = re.compile(r"max[-_]?pods|kubelet-extra-args|bootstrap\.sh", re.IGNORECASE)
_CLOUD_CONFIG_HINTS = re.compile(r"kubelet|/etc/eks|nodeadm|bootstrap|max[-_]?pods|encoding|binary", re.IGNORECASE)


def read_shell(script: str) -> KubeletSettings:
    """What a script says; nothing where it has nothing to do with the kubelet. Raises Unreadable."""
    script = _commands(script)
    calls = list(_CALL.finditer(script))
    touched = _TOUCHES.search(_CALL.sub("", script)) or (not calls and _HINTS.search(script))
    if touched:
        raise Unreadable(f"has a script that touches the kubelet's settings ({touched.group()})")
    if len(calls) > MOST_CALLS:
        raise Unreadable(f"calls /etc/eks/bootstrap.sh more than {MOST_CALLS} times")
    said = {_bootstrap(list(_words(script[call.end() :]))) for call in calls}
    if len(said) > 1:
        raise Unreadable("calls /etc/eks/bootstrap.sh more than once, with different settings")
    return next(iter(said), KubeletSettings())


def read_cloud_config(text: str) -> KubeletSettings:
    """cloud-config writes files and runs commands: nothing, or what can't be told. Raises Unreadable."""
    touched = _CLOUD_CONFIG_HINTS.search(text)
    if touched:
        raise Unreadable(f"has cloud-config that may touch the kubelet's settings ({touched.group()})")
    return KubeletSettings()


def _commands(script: str) -> str:
    """The script without whole-line comments, each command on one line."""
    lines = script.replace("\r\n", "\n").split("\n")
    return "\n".join(line for line in lines if not line.lstrip().startswith("#")).replace("\\\n", " ")


def _words(rest: str) -> Iterator[str]:
    """The words up to the command's end. Raises Unreadable for a quote without end or a command inside."""
    lexer = shlex.shlex(rest, posix=True, punctuation_chars=_ENDS)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    try:
        for word in lexer:
            if word.startswith("(") or "`" in word:
                raise Unreadable("calls /etc/eks/bootstrap.sh with what a command prints")
            if not word.strip(_ENDS) or word.startswith("#"):
                return
            yield word
    except ValueError:
        raise Unreadable("calls /etc/eks/bootstrap.sh with a quote that never ends") from None


def _bootstrap(words: list[str]) -> KubeletSettings:
    """The last of each option counts; --option=value is none of the script's forms, which it takes for a name."""
    use_max_pods, extra_arguments = "true", ""
    for before, option, value in zip(["", *words], words, [*words[1:], ""], strict=False):
        if option == "--use-max-pods":
            use_max_pods = value
        elif option == "--kubelet-extra-args":
            extra_arguments = value
        elif option.startswith("$") and before and not before.startswith("--"):
            raise Unreadable(f"calls /etc/eks/bootstrap.sh with {option:.60}, which only the node's shell knows")
    max_pods = max_pods_flag(split_arguments(extra_arguments))
    if max_pods is None and "$" in use_max_pods:
        raise Unreadable(f"sets --use-max-pods to {use_max_pods:.60}, which only the node's shell knows")
    return KubeletSettings(max_pods=max_pods, standard=use_max_pods == "true" or "$" in use_max_pods, family=Family.AL2)
