"""nodeadm's NodeConfig, which starts Amazon Linux 2023.

Precedence, from awslabs/amazon-eks-ami, nodeadm/internal/kubelet: flags are appended to the kubelet's own
(environment.go), and flags go before files; `config` is a drop-in over what nodeadm computed (config.go);
`maxPodsExpression` changes what it computes (eni_max_pods.go). Several NodeConfigs merge in order: `config` key by key,
flags one after the other, the rest overriding (nodeadm/internal/api/merge.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from functions.capacity.clusters import Family
from functions.capacity.user_data.flags import max_pods_flag, split_arguments
from functions.capacity.user_data.settings import KubeletSettings, Unreadable, pods_number

DEEPEST = 50
MOST_ALIASES = 10
_NULL, _INT, _STR = "tag:yaml.org,2002:null", "tag:yaml.org,2002:int", "tag:yaml.org,2002:str"


@dataclass(frozen=True, kw_only=True)
class _Kubelet:
    """spec.kubelet of one NodeConfig, as far as it decides about pods."""

    max_pods: int | None
    expression: str
    flags: tuple[str, ...]


def read_node_configs(texts: Sequence[str]) -> KubeletSettings:
    """What these NodeConfigs say together, in their order. Raises Unreadable."""
    kubelets = [_kubelet(text) for text in texts]
    flag = max_pods_flag(split_arguments(" ".join(flag for each in kubelets for flag in each.flags)))
    numbers = [each.max_pods for each in kubelets if each.max_pods is not None]
    expressions = [each.expression for each in kubelets if each.expression]
    return KubeletSettings(
        max_pods=flag if flag is not None else next(reversed(numbers), None),
        expression=next(reversed(expressions), None),
        family=Family.AL2023,
    )


def _kubelet(text: str) -> _Kubelet:
    root = _first_document(text)
    if _string(_child(root, "kind"), "kind") != "NodeConfig":
        raise Unreadable("has a NodeConfig part that is no NodeConfig")
    kubelet = _child(_child(root, "spec"), "kubelet")
    config = _child(kubelet, "config")
    _refuse_pods_per_core(config)
    return _Kubelet(
        max_pods=_number(_child(config, "maxPods")),
        expression=_string(_child(kubelet, "maxPodsExpression"), "maxPodsExpression"),
        flags=_strings(_child(kubelet, "flags")),
    )


def _first_document(text: str) -> yaml.Node | None:
    """The first document, the only one that nodeadm's decoder looks at (k8s.io/apimachinery, yaml.YAMLToJSON).

    A graph of nodes, in which an alias is the node itself: nothing is expanded and nothing constructed.
    """
    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")  # JSON may indent by tabs, YAML may not
    try:
        _refuse_bombs(text)
        loader = yaml.SafeLoader(text)
        loader.check_node()
        root: yaml.Node | None = loader.get_node()
    except yaml.YAMLError as error:
        reason = getattr(error, "problem", None) or "an odd character"
        raise Unreadable(f"has a NodeConfig that is no YAML ({reason:.80})") from None
    return root


def _refuse_bombs(text: str) -> None:
    """Deep nesting makes parsers slow or fall over; aliases are a few in honest files."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > DEEPEST:
            raise Unreadable(f"has a NodeConfig that nests more than {DEEPEST} deep")
        if aliases > MOST_ALIASES:
            raise Unreadable(f"has a NodeConfig with more than {MOST_ALIASES} YAML aliases")
        if isinstance(event, yaml.DocumentEndEvent):
            return


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value under a key, the last where it is said twice; None where there is none."""
    if node is None or node.tag == _NULL:
        return None
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(f"has a NodeConfig with something else where {key} should be")
    children = {name.value: value for name, value in node.value if isinstance(name, yaml.ScalarNode)}
    if "<<" in children:
        raise Unreadable("has a NodeConfig with YAML merge keys")
    found: yaml.Node | None = children.get(key)
    return found


def _number(node: yaml.Node | None) -> int | None:
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode) and node.tag == _INT:
        return pods_number(node.value)
    raise Unreadable(f"sets maxPods to {node.value!r:.60}, which is no whole number to the kubelet")


def _string(node: yaml.Node | None, name: str) -> str:
    if node is None or node.tag == _NULL:
        return ""
    if isinstance(node, yaml.ScalarNode) and node.tag == _STR:
        return str(node.value)
    raise Unreadable(f"has a NodeConfig whose {name} is no text")


def _strings(node: yaml.Node | None) -> tuple[str, ...]:
    if node is None or node.tag == _NULL:
        return ()
    if isinstance(node, yaml.SequenceNode):
        return tuple(_string(each, "flags") for each in node.value)
    raise Unreadable("has a NodeConfig whose flags are no list")


def _refuse_pods_per_core(config: yaml.Node | None) -> None:
    bound = _child(config, "podsPerCore")
    if bound is not None and bound.value != "0":
        raise Unreadable(f"bounds the pods by cores too (podsPerCore: {bound.value!r:.20})")
