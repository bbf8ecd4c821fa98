"""User data is anybody's text: reading it never raises, ends soon, and gives a number, a named unknown or nothing."""

import gzip

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.capacity.user_data import KubeletSettings, Unreadable, pods_from, read
from functions.capacity.user_data.expression_types import Ill, check
from tests.unit.user_data.files import NAMES, encoded, raw

LARGEST = 2**31 - 1
SMALL = [name for name in NAMES if len(raw(name)) < 2000]
# Pieces that mean something to one of the readers, so that random texts come close to what they look for.
PIECES = (
    "#!/bin/bash\n",
    "/etc/eks/bootstrap.sh demo ",
    "--kubelet-extra-args ",
    "'--max-pods=",
    '"',
    "'",
    "110",
    "$X",
    "`",
    "\\\n",
    "\n",
    "MIME-Version: 1.0\n",
    'Content-Type: multipart/mixed; boundary="B"\n\n',
    "--B\n",
    "Content-Type: application/node.eks.aws\n\n",
    "Content-Transfer-Encoding: base64\n",
    "apiVersion: node.eks.aws/v1alpha1\n",
    "kind: NodeConfig\n",
    "spec: {kubelet: {config: {maxPods: ",
    "}}}\n",
    "&a ",
    "*a",
    "!!int ",
    "- ",
    "? ",
    "[settings.kubernetes]\n",
    "max-pods = ",
    "<powershell>",
    "-KubeletExtraArgs ",
    "#cloud-config\n",
    "\x00",
    "\ufeff",
    "\x85",
)


def is_an_answer(said: KubeletSettings) -> bool:
    """A number that a kubelet takes, or a reason, or nothing; never both, and never a fault nobody thought of."""
    if said.unknown:
        return said.max_pods is None and said.expression is None and "could not be read" not in said.unknown
    return said.max_pods is None or 1 <= said.max_pods <= LARGEST


@given(st.text())
@example("A" * 300_000)
def test_any_text_gives_an_answer(text):
    assert is_an_answer(read(text))


@given(st.binary())
def test_any_bytes_give_an_answer(data):
    assert is_an_answer(read(encoded(data)))
    assert is_an_answer(read(encoded(gzip.compress(data))))


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=25))
def test_pieces_in_any_order_give_an_answer(pieces):
    assert is_an_answer(read(encoded("".join(pieces).encode(errors="replace"))))


@given(st.sampled_from(SMALL), st.integers(0, 2000), st.integers(0, 40), st.binary(max_size=8))
def test_the_corpus_with_a_piece_replaced_gives_an_answer(name, at, length, piece):
    text = raw(name)

    assert is_an_answer(read(encoded(text[:at] + piece + text[at + length :])))


@given(st.sampled_from(SMALL))
def test_gzip_changes_nothing(name):
    assert read(encoded(gzip.compress(raw(name)))) == read(encoded(raw(name)))


@given(st.integers(-10, 2**40))
def test_a_number_is_read_as_it_is_or_named(number):
    said = read(encoded(f"[settings.kubernetes]\nmax-pods = {number}\n"))

    assert said.max_pods == (number if 1 <= number <= LARGEST else None)
    assert bool(said.unknown) == (said.max_pods is None)


WORDS = ["default_enis", "ips_per_eni", "max_pods", "true", "1", "2", "0", "1.5", "int(", "double(", "(", ")", "x"]
SIGNS = ["+", "-", "*", "/", "%", "?", ":", "<", "==", "&&", "||", "!", ",", "'", ".", " "]


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS + SIGNS), max_size=40).map("".join)))
def test_any_expression_gives_pods_or_a_reason(expression):
    try:
        found: int | str = pods_from(expression, interfaces=3, addresses_per_interface=10)
    except Unreadable as reason:
        found = str(reason)

    assert "maxPodsExpression" in found if isinstance(found, str) else 1 <= found <= LARGEST


def operations(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    whole = st.tuples(operands, st.sampled_from("+-*"), operands).map(lambda of: f"({of[0]} {of[1]} {of[2]})")
    choice = st.tuples(operands, st.sampled_from(["<", "<=", "==", "!="]), operands, operands, operands)
    return whole | choice.map(lambda of: f"({of[0]} {of[1]} {of[2]} ? {of[3]} : {of[4]})")


LEAVES = st.sampled_from(["3", "10", "29", "default_enis", "ips_per_eni", "max_pods"])
WHOLE = st.recursive(LEAVES, operations, max_leaves=12)


def by_python(expression: str) -> int:
    """Python's value of the same expression, its choices rewritten: (c ? a : b) as (a if c else b)."""
    tokens = expression.replace("(", " ( ").replace(")", " ) ").split()
    return int(eval(_rewritten(tokens), {"default_enis": 3, "ips_per_eni": 10, "max_pods": 29}))  # noqa: S307 - made here


def _rewritten(tokens: list[str]) -> str:
    """Consumes one operand: a leaf, or a bracket of `a op b` or `a op b ? x : y`."""
    first = tokens.pop(0)
    if first != "(":
        return first
    value = f"{_rewritten(tokens)} {tokens.pop(0)} {_rewritten(tokens)}"
    if tokens.pop(0) == "?":
        yes = _rewritten(tokens)
        tokens.pop(0)
        no = _rewritten(tokens)
        tokens.pop(0)
        return f"({yes} if {value} else {no})"
    return f"({value})"


@given(WHOLE)
def test_whole_numbers_come_out_as_pythons(expression):
    value = by_python(expression)

    assert check(expression) == "int"
    pods = pods_from(expression, interfaces=3, addresses_per_interface=10)
    assert pods == (value if 1 <= value <= LARGEST else 29)


@given(WHOLE, st.sampled_from(["1.0", "true", "(1 < 2)"]))
def test_another_type_anywhere_is_ill(expression, other):
    for mixed in (f"{expression} + {other}", f"1 < 2 ? {expression} : {other}", f"{other} == {expression} ? 1 : 2"):
        with pytest.raises(Ill):
            check(mixed)


def test_the_small_files_are_most_of_the_corpus():
    assert len(SMALL) > 100
