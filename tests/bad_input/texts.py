"""Texts that somebody may put where a name, an id or a number belongs."""

from __future__ import annotations

LONE_SURROGATE = "\ud800"

TEXTS = {
    "an empty text": "",
    "a space": " ",
    "a line break": "a\nb",
    "a NUL": "a\x00b",
    "control characters": "\x1b[2J\x07\x08",
    "a lone surrogate": LONE_SURROGATE,
    "letters that run backwards": "\u202eabc",
    "a zero-width joiner": "a\u200db",
    "digits of another script": "\u0661\u0662",
    "a full-width number": "\uff11\uff16",
    "four thousand letters": "x" * 4000,
    "five thousand digits": "9" * 5000,
    "a wildcard": "*",
    "a wildcard in an id": "i-*",
    "a list by commas": "i-0123456789abcdef0,i-0123456789abcdef1",
    "a template": "${aws:username}",
    "a format": "{0.__class__.__mro__}",
    "a percent format": "%s%s%n",
    "a query": "' OR 1=1 --",
    "markup": "<script>alert(1)</script>",
    "a path": "../../../etc/passwd",
    "an ARN": "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0",
    "an id in capital letters": "I-0123456789ABCDEF0",
    "an id with a space behind": "i-0123456789abcdef0 ",
    "an id with a line break behind": "i-0123456789abcdef0\n",
    "JSON inside": '{"a": [1]}',
    "a minus": "-",
    "a number below zero": "-1",
    "a fraction": "1.5",
    "an exponent": "1e3",
    "a number with an underscore": "1_000",
    "hexadecimal": "0x10",
    "the word null": "null",
    "the word NaN": "NaN",
    "true": "true",
}
