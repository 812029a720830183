"""Names of strangers in figures: Plotly reads markup, and here it finds none. Looked at in a real browser."""

import html
import json

import pytest

from pipelines.reports.figures.style import as_json, cut, plain, standalone
from pipelines.settings import browser
from tests.reports.figures import drawn, insight_drawn

NAMES = [
    "<script>alert(1)</script>",
    '<a href="https://evil.example">click</a>',
    '"><img src=x onerror=alert(1)>',
    "<b>bold</b><br>line",
    "&lt;i&gt;&amp;amp;",
    "%{meta.summary}%{x}",
    "$\\frac{1}{2}$",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "<extra>gone</extra>",
    "שלום עולם",
    "x" * 200,
    "🦊 fox",
]
FIGURES = drawn.every_figure(NAMES) | insight_drawn.every_figure(NAMES)
WITHOUT_NAMES = ("hours", "calendar", "lines", "skill map", "funnel", "item map", "reliability")
RIGHT_TO_LEFT = NAMES[11]
ISOLATES = (0x2068, 0x2069)  # marks around what is written from right to left


def test_a_text_is_cut_to_its_length_before_it_is_made_inert():
    assert plain("<" * 50, 3) == "&lt;&lt;…"
    assert cut("a" * 41) == "a" * 39 + "…"
    assert plain("a\u202eb\n") == "a\\u202eb\\n"


def test_what_is_written_from_right_to_left_turns_nothing_around_it():
    assert plain(RIGHT_TO_LEFT) == f"\u2068{RIGHT_TO_LEFT}\u2069"


@pytest.mark.parametrize("kind", FIGURES)
def test_no_text_of_a_figure_holds_a_name_as_markup(kind):
    spec = json.loads(as_json(FIGURES[kind]))
    meta = spec["layout"].pop("meta")  # read by no template: those of names are escaped
    markup = [cut(name, 12) for name in NAMES if set(name) & set("<&$%")]
    assert not [text for text in _strings(spec) for name in markup if name in text]
    assert kind in WITHOUT_NAMES or cut(NAMES[0]) in meta["summary"]


def test_a_page_of_one_figure_cannot_be_left_by_a_name():
    page = standalone(FIGURES["growth"], plotly_js="plotly.min.js")
    assert page.count("<script") == page.count("</script>") == 3
    assert "<img" not in page
    assert html.escape(cut(NAMES[0])) in page


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """All figures on one page in a browser: the page, and what it complained about or asked for."""
    program = browser()
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
    from plotly.offline import get_plotlyjs

    folder = tmp_path_factory.mktemp("figures")
    (folder / "plotly.min.js").write_text(get_plotlyjs(), "utf-8")
    specs = "".join(
        f'<div class="figure" id="f{place}"></div><script type="application/json">{as_json(figure)}</script>'
        for place, figure in enumerate(FIGURES.values())
    )
    draw = (
        'for (const spot of document.querySelectorAll(".figure")) {'
        "const spec = JSON.parse(spot.nextElementSibling.textContent);"
        "Plotly.newPlot(spot, spec.data, spec.layout, spec.config); }"
    )
    head = '<!doctype html><meta charset="utf-8"><body><script src="plotly.min.js"></script>'
    (folder / "page.html").write_text(f"{head}{specs}<script>{draw}</script>", "utf-8")
    complaints: list[str] = []
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = chromium.new_page(viewport={"width": 900, "height": 800})
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda fault: complaints.append(str(fault)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        tab.goto((folder / "page.html").as_uri())
        tab.wait_for_function(f"document.querySelectorAll('.main-svg .xtitle').length >= {len(FIGURES)}")
        yield tab, complaints
        chromium.close()


def test_names_in_a_browser_are_words_and_nothing_else(shown):
    tab, complaints = shown
    for place, kind in enumerate(FIGURES):
        assert tab.locator(f"#f{place} :is(a, script, img, b, foreignObject)").count() == 0, kind
    labels = {label[2:] for label in _texts(tab, "#f0 .infolayer .annotation-text")}
    assert labels == {cut(name, 16) for name in NAMES[:12]}
    assert {cut(name, 24) for name in NAMES} <= set(_texts(tab, "#f10 .ytick text"))
    assert complaints == []


def test_names_under_the_pointer_are_words_and_nothing_else(shown):
    tab, complaints = shown
    for place, name in enumerate(NAMES[:12]):
        tab.evaluate("Plotly.Fx.unhover('f0')")
        tab.evaluate("at => Plotly.Fx.hover('f0', [{curveNumber: at, pointNumber: 1}])", place)
        tab.wait_for_function("name => document.querySelector('#f0 .hoverlayer').textContent.includes(name)", arg=name)
        assert any(text.startswith(name) for text in _texts(tab, "#f0 .hoverlayer text"))
        assert tab.locator("#f0 .hoverlayer :is(a, script, img)").count() == 0
    assert complaints == []


def _texts(tab, selector: str) -> list[str]:
    texts = tab.locator(selector).all_text_contents()
    return [text.replace("\xa0", " ").translate(dict.fromkeys(ISOLATES)) for text in texts]


def _strings(value) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for held in value for text in _strings(held)]
    return [value] if isinstance(value, str) else []
