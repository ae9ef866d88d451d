"""The number ledger: figures in prose against the published results that they are linked to."""

from pathlib import Path

import pytest

from frailty_lessons.teaching.ledger import SAID_BY, faults_in_line, read_ledger
from frailty_lessons.trial.loading import load_literature, load_trial
from frailty_lessons.trial.schema import CERTAINTY_IN_WORDS, Literature, PublishedResult, Source

DATASETS = Path(__file__).parents[2] / "datasets"


def row(id, value=None, unit="", certainty="primary", **more):
    return PublishedResult(id=id, measure="walk", statistic="mean", source="paper", value=value, unit=unit, certainty=certainty, note="n", **more)


@pytest.fixture(scope="module")
def ledger():
    rows = (
        row("walk", 63.4, "m"),
        row("interval", 46.9, "m", ci_low=12.9, ci_high=80.9, n=158),
        row("loss", -5, "m"),
        row("half", 30.5, "m"),
        row("many", 1250, "people"),
        row("share", 15, "%"),
        row("speed", 0.08, "m/s"),
        row("icc", 0.82),
        row("tests", 2, "tests"),
        row("p", 76.6, "m", p_value=0.0005),
        row("words"),
    )
    literature = Literature(title="T", sources=(Source(id="paper", kind="paper", citation="A paper."),), results=rows)
    return read_ledger([literature, load_trial(DATASETS / "lomecel-b-phase-2b")])


def link(text, id):
    return f"It is [{text}](sources.ipynb#{id}) here."


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("63.4 m", "walk"), ("63 m", "walk"), ("63.40 metres", "walk"), ("+63.4 m", "walk"), ("63.4&nbsp;m", "walk"), ("**63.4 m**", "walk"),
        ("63.4", "walk"), ("63-metre", "walk"),
        ("46.9 m", "interval"), ("12.9 to 80.9 m", "interval"), ("13 to 81 metres", "interval"), ("12.9–80.9 m", "interval"), ("158 people", "interval"),
        ("−5 m", "loss"), ("-5 m", "loss"), ("5 m", "loss"),
        ("31 m", "half"),
        ("1,250 people", "many"), ("1250 participants", "many"),
        ("15%", "share"), ("15 %", "share"), ("15 per cent", "share"),
        ("0.08 m/s", "speed"), ("0.82", "icc"), ("0.8", "icc"), ("2 tests", "tests"), ("two tests", "tests"),
        ("p = 0.0005", "p"), ("p < 0.0005", "p"), ("p below 0.001", "p"),
        ("70 m", "assumed"), ("what assumed means", "assumed"),
        ("the paper", "paper"), ("no figure", "words"),
    ],
)  # fmt: skip
def test_a_figure_that_agrees_with_its_row(ledger, text, id):
    assert faults_in_line(link(text, id), ledger) == []


@pytest.mark.parametrize(
    ("text", "id", "known"),
    [
        ("64 m", "walk", "63.4 m"), ("63.5 m", "walk", "63.4 m"), ("62 m", "walk", "63.4 m"), ("634 m", "walk", "63.4 m"), ("−63.4 m", "walk", "63.4 m"),
        ("63.4 cm", "walk", "63.4 m"), ("63.4 %", "walk", "63.4 m"), ("63.4 people", "walk", "63.4 m"), ("64", "walk", "63.4 m"), ("63.4 m/s", "walk", "63.4 m"),
        ("20 to 50 m", "walk", "63.4 m"),
        ("12.9 m", "interval", "46.9 m (12.9 to 80.9), n = 158"), ("12.9 to 80 m", "interval", "80.9"), ("12.9 to 80.9 %", "interval", "80.9"),
        ("159 people", "interval", "n = 158"), ("158 m", "interval", "n = 158"), ("158", "interval", "n = 158"),
        ("+5 m", "loss", "-5 m"), ("30 m", "half", "30.5 m"),
        ("1,25 people", "many", "1250 people"), ("0.82 m", "icc", "0.82"), ("3 tests", "tests", "2 tests"),
        ("p = 0.05", "p", "p = 0.0005"), ("p = 0.05", "walk", "63.4 m"), ("63.4 m", "words", "no figure"),
    ],
)  # fmt: skip
def test_a_figure_that_does_not_agree_with_its_row(ledger, text, id, known):
    (fault,) = faults_in_line(link(text, id), ledger)
    assert fault.startswith(f"'{text}' is linked to '{id}'")
    assert known in fault


def test_a_figure_linked_to_what_is_no_result(ledger):
    (fault,) = faults_in_line(link("63.4 m", "paper"), ledger)
    assert fault == "'63.4 m' is linked to 'paper', which is no published result: link it to a result's row"


def test_a_figure_among_other_words_in_a_link(ledger):
    (fault,) = faults_in_line(link("about 63.4 m", "walk"), ledger)
    assert "link the figure alone" in fault


def test_two_figures_in_two_links(ledger):
    assert faults_in_line("From [−5](sources.ipynb#loss) to [63.4 m](sources.ipynb#walk).", ledger) == []


def test_the_sources_page_links_to_itself(ledger):
    assert faults_in_line("It is [63.4 m](#walk).", ledger) == []
    assert len(faults_in_line("It is [64 m](#walk).", ledger)) == 1


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        ("She walked 63 m.", ["63 m"]),
        ("She walked **63** m, he 70 metres.", ["63 m", "70 metres"]),
        ("| walk | 63.4 m |", ["63.4 m"]),
        ("- From 20 to 50 m.", ["20 to 50 m"]),
        ("It was 30.8 % of 16 people over 3 years.", ["30.8 %", "16 people", "3 years"]),
        ("It was 2.5 pg/mL and 0.1 m/s and 80 kg and 170 cm.", ["2.5 pg/mL", "0.1 m/s", "80 kg", "170 cm"]),
        ("After 30 days he lost 1.5 points.", ["30 days", "1.5 points"]),
        ("A dose of 300 million cells, or 25 to 300 million cells.", ["300 million cells", "25 to 300 million cells"]),
        ("A gain of [63 m](https://example.org), they say.", ["63 m"]),
        ("A 63.4-metre gain, 80 years old.", ["63.4-metre", "80 years"]),
        ("63 m is 63 m.", ["63 m"]),
        ("1,000 people.", ["1,000 people"]),
    ],
)
def test_a_figure_in_plain_text(ledger, line, figures):
    faults = faults_in_line(line, ledger)
    assert [fault.split("'")[1] for fault in faults] == figures
    assert all("link it to its row" in fault and "#assumed" in fault for fault in faults)


@pytest.mark.parametrize(
    "line",
    [
        "About 45 to 60 minutes, or 30 seconds, of a six-minute walk.",
        "thirty metres, and 6MWT, SPPB 8, ICC 0.97.",
        "## 2 metres and 63 m",
        "On Day 270 people walked; in phase 2 people (2014) walked; in 2021 people walked; days 90 and 180.",
        "The 200M arm got 200 million cells, others 25, 50 and 100 million cells.",
        "An 80-year-old on a 10-metre track with a 5-point scale and a 30-day visit.",
        "A 95 % confidence interval, a 95% interval (p < 0.001).",
        "See [this](00-start.ipynb#20-metres) and ![63 m](picture.svg).",
        "It has 25 kg/m² and 63 mm and 30 minutes.",
    ],
)
def test_numbers_that_are_no_figures_of_the_ledger(ledger, line):
    assert faults_in_line(line, ledger) == []


@pytest.mark.parametrize("certainty", sorted(SAID_BY))
def test_how_well_a_figure_is_known_is_said_in_its_line(certainty):
    source = Source(id="paper", kind="paper", citation="A paper.")
    ledger = read_ledger([Literature(title="T", sources=(source,), results=(row("secondary-row", 63.4, "m", certainty),))])
    bare = link("63.4 m", "secondary-row") + " Again [63 m](sources.ipynb#secondary-row)."
    (fault,) = faults_in_line(bare, ledger)
    assert fault.startswith("'secondary-row' is linked in a line that does not say how well it is known")
    assert CERTAINTY_IN_WORDS[certainty] in fault
    for words in (*SAID_BY[certainty], CERTAINTY_IN_WORDS[certainty], SAID_BY[certainty][0].upper()):
        assert faults_in_line(f"{bare} ({words})", ledger) == []


def test_the_id_in_a_link_does_not_say_it():
    source = Source(id="paper", kind="paper", citation="A paper.")
    ledger = read_ledger([Literature(title="T", sources=(source,), results=(row("news-report", 63.4, "m", "secondary"),))])
    assert len(faults_in_line(link("63.4 m", "news-report"), ledger)) == 1


def test_each_certainty_but_the_first_has_its_words():
    assert list(SAID_BY) == [certainty for certainty in CERTAINTY_IN_WORDS if certainty != "primary"]


def test_each_shipped_figure_can_be_written_as_it_is_shown():
    literature = load_literature(DATASETS)
    packs = [literature, *(load_trial(path.parent) for path in DATASETS.glob("*/trial.toml"))]
    ledger = read_ledger(packs)
    for result in ledger.rows.values():
        figure = result.figure().split(" (")[0] if result.value is not None else "the words"
        assert faults_in_line(f"[{figure}](sources.ipynb#{result.id}) {result.certainty_in_words()}", ledger) == []
        if result.ci_low is not None:
            interval = f"{result.ci_low:g} to {result.ci_high:g}"
            assert faults_in_line(f"[{interval}](sources.ipynb#{result.id}) {result.certainty_in_words()}", ledger) == []
