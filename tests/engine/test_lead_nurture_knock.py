"""LN-30: what another system may tell a scenario."""
import json

import pytest
from lead_nurture_engine import knock


def test_known_texts_only():
    body = json.dumps({"email": " ann@pumps.test ", "key": 7, "name": None, "more": [{"x": 1}]})
    assert knock.read(body.encode()) == {"email": "ann@pumps.test", "key": "7"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"1", b"\xff", b"[" * 10_000, b'{"email": true}', b'{"email": "@"}',
        b'{"email": "a@b", "key": "a\\u0000b"}', b'{"email": "a@b", "key": "\\ud800"}',
        b'{"email": "a@b", "key": "' + b"k" * 201 + b'"}',
        b'{"email": "a@b", "x": [[[[[1]]]]]}', b'{"email": "a@b"}' + b" " * knock.MAX_BYTES,
    ],
)  # fmt: skip
def test_what_cannot_be_meant(body):
    with pytest.raises(ValueError, match="must"):
        knock.read(body)


def test_depth_is_counted_with_the_object_itself():
    assert knock.read(b'{"email": "a@b", "x": [[[[1]]]]}') == {"email": "a@b"}
