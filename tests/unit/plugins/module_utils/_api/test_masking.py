# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets never leave: what the API writes about errors is masked by value, in many spellings."""

from __future__ import annotations

import base64
import html
import json
import typing as t
import urllib.parse

import pytest
from ansible_collections.northflank.cloud.plugins.module_utils._api.masking import DETAILS_DROPPED, MASK, Secrets, is_distinctive
from ansible_collections.northflank.cloud.plugins.module_utils._job.state import secret_texts
from ansible_collections.northflank.cloud.plugins.module_utils._job.values import File
from harness.strategies import PROPERTY, junk, secret_text
from hypothesis import example, given
from hypothesis import strategies as st

MARKER = "S3c-marker-7xQ"
# A secret that each spelling writes differently.
PECULIAR = "S3c-ä\"\\/?&!:'(~*) \n-7xQ"
# What encodeURIComponent and encodeURI of ECMAScript leave as it is, beside letters and digits.
COMPONENT_SAFE = "-_.!~*'()"
URI_SAFE = COMPONENT_SAFE + ";/?:@&=+$,#"

SPELLINGS: dict[str, t.Callable[[str], str]] = {
    "plain": str,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in Unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "JSON for HTML": lambda text: json.dumps(text, ensure_ascii=False)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026"),
    "JSON with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "URL": lambda text: urllib.parse.quote(text, safe=""),
    "URL path": urllib.parse.quote,
    "URL form": urllib.parse.quote_plus,
    "encodeURIComponent": lambda text: urllib.parse.quote(text, safe=COMPONENT_SAFE),
    "encodeURI": lambda text: urllib.parse.quote(text, safe=URI_SAFE),
}


@pytest.fixture(params=SPELLINGS, scope="module", name="spell")
def way_to_spell(request: pytest.FixtureRequest) -> t.Callable[[str], str]:
    """One way in which an error may quote a text."""
    return SPELLINGS[request.param]


def texts_in(node: t.Any) -> str:
    """All texts, names and numbers of a structure, one a line."""
    if isinstance(node, dict):
        return "\n".join(f"{name}\n{texts_in(value)}" for name, value in node.items())
    return "\n".join(map(texts_in, node)) if isinstance(node, list) else str(node)


@pytest.mark.parametrize(
    "text, distinctive",
    [
        ("", False),
        ("ok", False),
        ("1", False),
        ("False", False),
        ("1234567", False),
        ("12345678", True),
        ("password", False),
        ("passw0rd", True),
        ("a" * 11, False),
        ("a" * 12, True),
    ],
)
def test_a_distinctive_text_is_long_and_not_a_plain_word(text, distinctive):
    assert is_distinctive(text) is distinctive


@PROPERTY
@given(secret=secret_text())
@example(secret=PECULIAR)
def test_a_distinctive_secret_never_survives_in_a_message(spell, secret):
    spelled = spell(secret)
    assert spelled not in Secrets(secret).mask(f"before {spelled} after, x{spelled}x")


@PROPERTY
@given(secret=secret_text(), around=junk(), place=st.sampled_from(["value", "list", "name", "deep"]))
@example(secret=PECULIAR, around=None, place="value")
def test_a_distinctive_secret_never_survives_in_details(spell, secret, around, place):
    quoted = f"it is {spell(secret)}!"
    details = {"value": quoted, "list": [around, quoted], "name": {quoted: around}, "deep": {"a": [{"b": [quoted, around]}]}}[place]
    assert spell(secret) not in texts_in(Secrets(secret).mask_details(details))


@PROPERTY
@given(secret=secret_text())
def test_a_secret_is_masked_without_the_white_space_around_it_too(secret):
    assert secret.strip() not in Secrets(f"\n{secret} \n").mask(f"it is {secret.strip()}!")


def test_one_line_of_a_longer_secret_is_masked():
    assert Secrets(f"-----BEGIN-----\n{MARKER}\n-----END-----\n").mask(f"line 2: {MARKER}") == f"line 2: {MASK}"


def test_two_secrets_that_contain_each_other_are_masked_completely():
    assert Secrets(MARKER, f"{MARKER}-and-more").mask(f"{MARKER}-and-more") == MASK


def test_several_secrets_are_masked_in_one_message():
    assert Secrets(MARKER, "0therSecret").mask(f"{MARKER} or 0therSecret") == f"{MASK} or {MASK}"


@pytest.mark.parametrize(
    "path, value, quoted",
    [
        ("runtimeEnvironment", {"KEY": MARKER}, MARKER),
        ("buildArguments", {"KEY": MARKER}, MARKER),
        ("runtimeFiles", {"/a": File(base64.b64encode(MARKER.encode()).decode())}, MARKER),
        ("buildFiles", {"/a": File(base64.b64encode(MARKER.encode()).decode())}, base64.b64encode(MARKER.encode()).decode()),
        ("dockerSecretMounts", {"a": File(f"{MARKER} is no base64")}, f"{MARKER} is no base64"),
        ("runtimeFiles", {"/a": File(base64.b64encode("pässwörd-0123".encode("latin-1")).decode(), "latin-1")}, "pässwörd-0123"),
        ("runtimeFiles", {"/a": File(base64.b64encode("pässwörd-0123".encode("utf-16")).decode(), "utf-16")}, "pässwörd-0123"),
    ],
)
def test_the_values_of_secret_maps_are_masked(path, value, quoted):
    secrets = Secrets()
    secrets.add(*secret_texts({path: value}))
    assert secrets.mask(f"it is {quoted}") == f"it is {MASK}"


def test_an_unknown_encoding_of_a_known_file_does_not_matter():
    assert secret_texts({"runtimeFiles": {"/a": File("YQ==", "no-such-encoding")}}) == ["YQ==", "a"]


def test_what_is_not_set_and_what_is_not_secret_is_not_masked():
    secrets = Secrets()
    secrets.add(*secret_texts({"description": "A description of the job", "runtimeEnvironment": None}))
    assert secrets.mask("A description of the job") == "A description of the job"


@pytest.mark.parametrize("secret", ["1", "False", "ok"])
def test_a_short_secret_removes_the_details_that_contain_it(secret):
    assert Secrets(secret).mask_details({"field": [f"the value {secret} is wrong"]}) == DETAILS_DROPPED


@pytest.mark.parametrize("secret", ["1", "False", "ok"])
def test_a_short_secret_is_masked_as_a_word_in_a_message(secret):
    assert Secrets(secret).mask(f"the value '{secret}' is wrong, {secret}") == f"the value '{MASK}' is wrong, {MASK}"


@pytest.mark.parametrize("secret, text", [("ok", "the token of tokyo"), ("1", "401, v10"), ("False", "Falsehood")])
def test_a_short_secret_does_not_change_other_words(secret, text):
    assert Secrets(secret).mask(text) == text


@pytest.mark.parametrize("secret, details", [("ok", {"token": ["is missing"]}), ("1", {"port": [10, "x1"]})])
def test_a_short_secret_does_not_change_details_that_do_not_contain_it(secret, details):
    assert Secrets(secret).mask_details(details) == details


@pytest.mark.parametrize("secret, number", [("12345678", 12345678), ("1234.5678", 1234.5678), ("-12345678", -12345678)])
def test_a_number_that_equals_a_secret_is_masked_in_details(secret, number):
    assert Secrets(secret).mask_details({"value": [number]}) == {"value": [MASK]}


@pytest.mark.parametrize("secret, value", [("1", 1), ("true", True), ("null", None)])
def test_a_short_number_or_word_of_json_that_equals_a_secret_drops_the_details(secret, value):
    assert Secrets(secret).mask_details([value]) == DETAILS_DROPPED


@pytest.mark.parametrize("secret", ["", " ", "\n\t"])
def test_an_empty_secret_masks_nothing(secret):
    assert Secrets(secret).mask("a text  with spaces\n") == "a text  with spaces\n"


@PROPERTY
@given(st.lists(secret_text(), max_size=3), junk())
def test_a_text_without_secrets_does_not_change(secrets, details):
    # NaN does not equal itself, so the texts are compared; the first characters of each secret occur nowhere else.
    assert repr(Secrets(*secrets).mask_details(details)) == repr(details)


def test_a_large_secret_takes_no_longer_than_a_search_of_its_lines():
    lines = [f"line {number} of a very large file" for number in range(20000)]
    assert Secrets("\n".join(lines)).mask(f"it says: {lines[12345]}!") == f"it says: {MASK}!"


def test_an_error_too_long_to_be_searched_is_not_shown():
    secrets = Secrets(MARKER)
    assert MARKER not in secrets.mask(MARKER * 10000) and MARKER not in secrets.mask_details([MARKER] * 10000)
