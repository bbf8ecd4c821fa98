"""nodeadm's maxPodsExpression: what it computes, what nodeadm refuses, and what Headroom does not evaluate."""

import time

import pytest

from functions.capacity.user_data import Unreadable, pods_from

STANDARD = 29  # m5.large: 3 interfaces of 10 addresses


def on_m5_large(expression: str) -> int:
    return pods_from(expression, interfaces=3, addresses_per_interface=10)


# nodeadm's own expressions (nodeadm/internal/kubelet/eni_max_pods_test.go).
@pytest.mark.parametrize(
    ("expression", "pods"),
    [
        ("417", 417),
        ("(default_enis * (ips_per_eni - 1)) + 2", 17),
        ("(default_enis * ((ips_per_eni - 1) * 16)) + 2", 242),
        (
            "((default_enis * ((ips_per_eni*16) - 1)) + 2) < 30 ? ((default_enis * ((ips_per_eni*16) - 1)) + 2) : 30",
            30,
        ),
        ("((default_enis - 1) * (ips_per_eni - 1)) + 2", 12),
        ("max_pods < 30 ? max_pods : 30", 17),
        ("max_pods", 17),
        ("max_pods + 2", 19),
    ],
)
def test_what_nodeadm_computes_on_a_t3_medium(expression, pods):
    assert pods_from(expression, interfaces=3, addresses_per_interface=6) == pods


@pytest.mark.parametrize(
    ("expression", "pods"),
    [
        pytest.param("1.9", 1, id="a double is cut, not rounded"),
        pytest.param("int(double(max_pods) * 1.5)", 43, id="conversions both ways"),
        pytest.param("7 / 2", 3, id="whole numbers divide to whole numbers"),
        pytest.param("--5", 5, id="minus and minus"),
        pytest.param("0x10 + 1", 17, id="hexadecimal"),
        pytest.param("010", 10, id="a leading zero is no octal"),
        pytest.param("max_pods // as it is\n + 1", 30, id="a comment and a line's end"),
        pytest.param("!(max_pods > 250) && ips_per_eni != 4 ? 110 : 250", 110, id="logic"),
        pytest.param("true ? false ? 1 : 2 : 3", STANDARD, id="a choice in the middle needs brackets"),
        pytest.param("false ? 1 : true ? 2 : 3", 2, id="a choice at the end needs none"),
        pytest.param("2147483647", 2147483647, id="the largest int32"),
    ],
)
def test_arithmetic_is_cels(expression, pods):
    assert on_m5_large(expression) == pods


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("", id="nothing"),
        pytest.param("  ", id="blanks"),
        pytest.param("99 - fake_variable", id="a variable that does not exist"),
        pytest.param("1 +", id="half an expression"),
        pytest.param("(1", id="an open bracket"),
        pytest.param("1 1", id="two expressions"),
        pytest.param("-!true", id="signs mixed"),
        pytest.param("1 + 2.0", id="types mixed"),
        pytest.param("1 < 2.0 ? 5 : 6", id="types mixed in a comparison, which the library would allow"),
        pytest.param("true ? 5 : 6.0", id="types mixed in a branch not taken, which the library would not notice"),
        pytest.param("true || 5 ? 1 : 2", id="no boolean behind an or that stops before it"),
        pytest.param("max_pods == true ? 1 : 2", id="a number against a boolean"),
        pytest.param("5 ? 1 : 2", id="a number for a condition"),
        pytest.param("!5 ? 1 : 2", id="a number negated"),
        pytest.param("-true", id="a boolean with a sign"),
        pytest.param("5.0 % 2.0", id="a remainder of doubles"),
        pytest.param("int(true)", id="a boolean to convert"),
        pytest.param("true", id="a boolean at the end"),
        pytest.param("1 / 0", id="division by zero"),
        pytest.param("9223372036854775807 + 1", id="overflow"),
        pytest.param("1.0 / 0.0", id="infinity"),
        pytest.param("0.0 / 0.0", id="no number"),
        pytest.param("0", id="zero"),
        pytest.param("-5", id="below zero"),
        pytest.param("2147483648", id="over int32"),
        pytest.param("0.5", id="less than one"),
    ],
)
def test_where_nodeadm_refuses_it_takes_the_standard_value(expression):
    assert on_m5_large(expression) == STANDARD


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        pytest.param("[1, 2].all(x, x > 0) ? 5 : 6", "'['", id="a macro over a list"),
        pytest.param("max_pods.matches('a+')", "'.'", id="a method"),
        pytest.param("'42'", '"\'"', id="text, which cel-go would parse"),
        pytest.param("5u", "'5'", id="unsigned numbers"),
        pytest.param("size(1)", "with size,", id="a function"),
        pytest.param("type(1)", "with type,", id="a type"),
        pytest.param("max_pods in default_enis ? 1 : 2", "with in,", id="in"),
        pytest.param("int", "with int,", id="a conversion of nothing"),
        pytest.param("1" + "+1" * 500, "more than 1000 characters", id="too long"),
        pytest.param("(" * 31 + "1" + ")" * 31, "nests more than 30", id="too deep"),
        pytest.param("true?1:" * 31 + "1", "more than 30 choices", id="too many choices"),
        pytest.param("9223372036854775808", "the number 9223372036854775808", id="over int64"),
        pytest.param("1e400", "the number 1e400", id="over the doubles"),
        pytest.param("9" * 900, "the number 999", id="hundreds of digits"),
    ],
)
def test_what_headroom_does_not_evaluate_is_named(expression, named):
    with pytest.raises(Unreadable, match="maxPodsExpression") as reason:
        on_m5_large(expression)

    assert named in str(reason.value)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("(true?int(" * 14 + "1" + "):2)" * 14, id="brackets, choices and conversions"),
        pytest.param("(" * 30 + "1" + ")" * 30, id="brackets"),
        pytest.param("true?1:" * 30 + "1", id="choices"),
        pytest.param("(true?1:" * 30 + "1" + ")" * 30, id="choices in brackets"),
        pytest.param("-" * 998 + "1", id="signs"),
        pytest.param("(0)+" * 40 + "(1)", id="brackets side by side"),
        pytest.param("1" + "*1" * 499, id="factors"),
    ],
)
def test_the_library_takes_what_the_bounds_let_through(expression):
    started = time.thread_time()

    assert on_m5_large(expression) == 1
    assert time.thread_time() - started < 1
