"""A page that stands alone holds all it needs and asks for nothing; what strangers write into it stays text."""

import re

import pytest
from jinja2 import ChoiceLoader, DictLoader, UndefinedError

from pipelines.reports import standalone

PLAIN = '{% extends "alone.html.j2" %}{% block main %}<p>{{ name }}, {{ 1234567 | whole }}</p>{% endblock %}'


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> str:
    """A template of the least that a page can be."""
    made = standalone._environment()
    assert made.loader is not None
    monkeypatch.setattr(made, "loader", ChoiceLoader([DictLoader({"plain.html.j2": PLAIN}), made.loader]))
    return "plain.html.j2"


def test_a_page_holds_its_style_and_asks_for_nothing(plain: str) -> None:
    text = standalone.page(plain, name="ada")
    assert text.count("<style>") == text.count("</style>") == 1
    assert "prefers-color-scheme: dark" in text
    assert "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" in text
    assert re.findall(r"<script|<link|src=|url\(|@import|https?:", text) == []
    assert "<p>ada, 1,234,567</p>" in text


def test_a_name_is_text_and_an_undefined_one_a_fault(plain: str) -> None:
    assert "<p>&lt;script&gt;&#34;&amp;, " in standalone.page(plain, name='<script>"&')
    with pytest.raises(UndefinedError):
        standalone.page(plain)
