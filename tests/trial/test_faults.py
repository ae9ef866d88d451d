"""Each fault of a trial pack gives one clear sentence: file, place, what is wrong, what would be right."""

import shutil
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from frailty_lessons.trial import PackError, load_literature, load_trial

DATASETS = Path(__file__).parents[2] / "datasets"
PACK = "lomecel-b-phase-2b"
HEAD = "id,measure,arm,day,statistic,value,unit,ci_low,ci_high,p_value,n,source,where,certainty,note"
NEW = "new-row,6MWT,placebo,180,change,{value},m,{low},{high},,{n},{source},page 1,{certainty},{note}\n"
SOUND = {"value": "10", "low": "5", "high": "15", "n": "30", "source": "yousefi-2022", "certainty": "primary", "note": "A note"}


@pytest.fixture
def datasets(tmp_path):
    shutil.copytree(DATASETS, tmp_path / "datasets")
    return tmp_path / "datasets"


@pytest.fixture
def pack(datasets):
    return datasets / PACK


def faults(pack) -> tuple[str, ...]:
    with pytest.raises(PackError) as caught:
        load_trial(pack)
    return caught.value.faults


def add_row(pack, row=NEW, **change):
    with (pack / "published_results.csv").open("a", encoding="utf-8") as file:
        file.write(row.format(**{**SOUND, **change}))


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_row_can_be_added(pack):
    add_row(pack)
    assert load_trial(pack).published("new-row").figure() == "10 m (5 to 15)"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": "far"}, "value: should be a number such as 63.4 (it is 'far')"),
        ({"value": "inf"}, "value: should be a finite number"),
        ({"n": "some"}, "n: should be a whole number such as 30 (it is 'some')"),
        ({"source": ""}, "a figure without a source cannot be loaded"),
        ({"source": "nobody-1900"}, "names the source 'nobody-1900', which the pack does not list"),
        ({"low": "12", "high": "20"}, "the interval 12 to 20, which does not contain its value 10"),
        ({"low": "15", "high": "5"}, "ci_low 15 above ci_high 5"),
        ({"high": ""}, "one end of a confidence interval"),
        ({"certainty": "sure"}, "certainty: should be one of 'primary', 'secondary'"),
        ({"certainty": "derived"}, "is derived and names no result it comes from"),
        ({"value": "", "low": "", "high": "", "note": ""}, "neither a value nor a note"),
        ({"note": "=HYPERLINK(1)"}, "begins like a spreadsheet formula"),
        ({"note": "@SUM(1)"}, "begins like a spreadsheet formula"),
        ({"note": "see <script>alert(1)</script>"}, "contains markup ('<script>"),
        ({"note": "<img src=x onerror=1>"}, "contains markup"),
    ],
)
def test_a_faulty_row_gives_one_sentence_with_its_place(pack, change, says):
    add_row(pack, **change)
    (fault,) = faults(pack)
    assert fault.startswith(f"{PACK}/published_results.csv: ") and "new-row" in fault
    assert says in fault and "\n" not in fault


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (NEW.replace("placebo", "300M"), "result 'new-row' is of arm '300M', which the trial does not have: it should be one of 100M, 200M, 25M, 50M, placebo"),
        (NEW.replace("180", "181"), "result 'new-row' is of day 181, which is no visit: it should be one of 0, 90, 180, 270, 365"),
        (NEW.replace("new-row", "n-200m"), "2 results have the id 'n-200m'"),
        (NEW.replace("new-row", "singh-2014-learning"), "an id that the literature uses already"),
        (NEW.replace("new-row", "new row"), "is 'new row': an id has letters"),
        (NEW.replace("page 1", "page 1, line 2"), "has 16 cells and should have 15: put text that contains a comma in double quotes"),
    ],
)
def test_a_row_that_disagrees_with_the_rest_gives_one_sentence(pack, row, says):
    add_row(pack, row)
    (fault,) = faults(pack)
    assert says in fault


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('escalation = "cratus"', 'escalation = "craters"', "escalation is 'craters', which is no other trial pack: it should be one of cratus"),
        ('escalation = "cratus"', f'escalation = "{PACK}"', "which is no other trial pack"),
        ('escalation = "cratus"', "escalation = 3", "escalation is '3', which is no other trial pack"),
        ('late = "late-200m-arm"', 'late = "later"', "arm '200M' is late by the result 'later', which this trial does not have: correct the id"),
        ('late = "late-200m-arm"', 'late = "singh-2014-learning"', "which this trial does not have: correct the id"),
    ],
)
def test_an_escalation_or_a_late_arm_that_there_is_not(pack, old, new, says):
    edit(pack / "trial.toml", old, new)
    (fault,) = faults(pack)
    assert fault.startswith(f"{PACK}/trial.toml: ") and says in fault


def test_packs_do_not_name_each_other_in_a_ring(pack):
    edit(pack.parent / "cratus" / "trial.toml", 'control = "placebo"', f'control = "placebo"\nescalation = "{PACK}"')
    (fault,) = faults(pack)
    assert "names an escalation itself" in fault


def test_two_faults_give_two_sentences(pack):
    add_row(pack, value="far", n="some")
    assert len(faults(pack)) == 2


def test_a_table_that_is_not_one(pack):
    path = pack / "published_results.csv"
    for content, says in (
        (b"", "is empty"),
        (b" \n", "is empty"),
        ("id;measure\n".encode(), "line 1 has semicolons between its columns; it should have id, measure, arm"),
        (HEAD.replace("p_value,", "").encode(), "line 1 lacks the column p_value; it should have"),
        (f"{HEAD}\nécart".encode("latin-1"), "line 2 is not UTF-8 text"),
        (HEAD.encode("utf-16"), "is not UTF-8 text"),
        (f'{HEAD}\n"open'.encode(), "cannot be read as CSV"),
        (b"x" * 50_000_000, "has 50 MB, more than the 2 MB"),
    ):
        path.write_bytes(content)
        (fault,) = faults(pack)
        assert fault.startswith(f"{PACK}/published_results.csv: ") and says in fault
    path.unlink()
    assert "is missing" in faults(pack)[0]


def test_a_byte_order_mark_from_a_spreadsheet_does_no_harm(pack):
    path = pack / "published_results.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_trial(pack).published("n-200m").value == 16


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('phase = "2b"', "phase = 2", "phase: should be text, in quotes (it is 2)"),
        ("planned = 30", 'planned = "many"', "arms, entry 1, planned: should be a whole number such as 30 (it is 'many')"),
        ("planned = 30", "planned = -3", "arms, entry 1, planned"),
        ('control = "placebo"', 'control = "sugar"', "control is 'sugar', which is no arm"),
        ('efficacy_visit = "d180"', 'efficacy_visit = "d181"', "efficacy_visit is 'd181', which is no visit: it should be one of baseline, d90, d180"),
        ('headline = "d270-200m-vs-placebo"', 'headline = "gone"', "headline is 'gone', which is the id of no result"),
        ('id = "25M"', 'id = "placebo"', "2 arms have the id 'placebo'"),
        ('phase = "2b"', 'phase = "2b"\ncolour = "blue"', "colour: is not known here"),
        ('phase = "2b"', "", "phase: is missing: add it"),
        ('phase = "2b"', "phase = ", "is not valid TOML"),
        ('result = "perera-2006-small"', 'result = "perera"', "threshold from the result 'perera', which there is not"),
        ('result = "perera-2006-small"', 'result = "trial-dates"', "which has no value: correct the id"),
        ('headline = "d270-200m-vs-placebo"', 'headline = "perera-2006-small"', "which is the id of no result of this trial"),
        (f'id = "{PACK}"', 'id = "other"', "the id is 'other' and the folder is"),
        ('phase = "2b"', 'phase = "<b>2</b>"', "phase: contains markup"),
    ],
)
def test_a_faulty_trial_file_gives_one_sentence(pack, old, new, says):
    edit(pack / "trial.toml", old, new)
    all_faults = faults(pack)
    assert all(fault.startswith(f"{PACK}/trial.toml: ") or new.startswith('id = "placebo"') for fault in all_faults)
    assert says in all_faults[0]


CLAIM = """desk = ["new"]

[[claims]]
id = "new"
text = "It works"
verdict = "overstated"
evidence = ["n-200m", "interval-63-4", "singh-2014-learning"]
others = ["p1-n-20m"]
why = "It may."
"""


def test_a_claim_rests_on_rows_of_the_trial_the_literature_and_the_escalation_and_on_what_is_unknown(pack):
    (pack / "claims.toml").write_text(CLAIM, encoding="utf-8")
    trial = load_trial(pack)
    assert [trial.find(id)[0].title[:4] for id in ("n-200m", "singh-2014-learning", "p1-n-20m")] == [trial.title[:4], "The ", "Allo"]
    assert trial.find("interval-63-4")[1] in trial.unknowns
    with pytest.raises(KeyError, match="no result, and nothing unknown, 'n-20m'"):
        trial.find("n-20m")
    (pack / "claims.toml").unlink()
    assert load_trial(pack).claims == load_trial(pack).desk == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"n-200m"', '"gone"', "claim 'new' names 'gone', which is the id of no result and of nothing unknown: correct the id"),
        ('["p1-n-20m"]', '["gone"]', "claim 'new' names 'gone', which is the id of no result"),
        ('["p1-n-20m"]', '["n-200m"]', "claim 'new' names 'n-200m' 2 times: name it once, as evidence or among the others"),
        ('"overstated"', '"too much"', "claims, entry 1, verdict: should be one of 'supported', 'overstated', 'wrong' or 'cannot be known' (it is 'too much')"),
        ('evidence = ["n-200m", "interval-63-4", "singh-2014-learning"]\nothers = ["p1-n-20m"]', "", "claim 'new' has a verdict without evidence: add it"),
        ('why = "It may."', "", "claim 'new' has a verdict without a why: add it"),
        ('verdict = "overstated"', "", "claim 'new' is on the desk and has no verdict: add one, or take it off the desk"),
        ('others = ["p1-n-20m"]', "", "claim 'new' is on the desk with 3 ids of evidence and 0 others: it should have 4 to 7 together"),
        ('desk = ["new"]', 'desk = ["new", "old"]', "the desk names 'old', which is the id of no claim: correct the id"),
        ('desk = ["new"]', 'desk = ["new", "new"]', "the desk names 'new' 2 times: name it once"),
        ('why = "It may."', 'why = "It may."\n[[claims]]\nid = "new"\ntext = "Again"', "2 claims have the id 'new': give each an id of its own"),
        ('why = "It may."', 'because = "It may."', "claims, entry 1, because: is not known here"),
        ("It works", "<b>It works</b>", "claims, entry 1, text: contains markup"),
        ('text = "It works"', "", "claims, entry 1, text: is missing: add it"),
        ('id = "new"', "id = ", "is not valid TOML"),
    ],
)
def test_a_faulty_claim_gives_a_sentence_with_its_place(pack, old, new, says):
    (pack / "claims.toml").write_text(CLAIM, encoding="utf-8")
    edit(pack / "claims.toml", old, new)
    found = faults(pack)
    assert all(fault.startswith(f"{PACK}/claims.toml: ") and "\n" not in fault for fault in found)
    assert says in found[0]


@pytest.mark.parametrize("name", ["claims", "desk"])
def test_claims_in_the_trials_own_file_are_sent_to_theirs(pack, name):
    text = (pack / "trial.toml").read_text(encoding="utf-8")
    (pack / "trial.toml").write_text(f'{name} = ["x"]\n{text}', encoding="utf-8")
    assert faults(pack) == (f"{PACK}/trial.toml: {name} is not known here: move it to {PACK}/claims.toml.",)


def test_faulty_literature_gives_one_sentence(datasets):
    edit(datasets / "literature" / "published_results.csv", ",singh-2014,,primary", ",singh,,primary")
    with pytest.raises(PackError, match="names the source 'singh'"):
        load_literature(datasets)
    with pytest.raises(PackError, match="names the source 'singh'"):
        load_trial(datasets / PACK)


def test_the_literature_has_no_arms(datasets):
    path = datasets / "literature" / "published_results.csv"
    first = load_literature(datasets).results[0]
    edit(path, f"{first.id},{first.measure},,", f"{first.id},{first.measure},placebo,")
    with pytest.raises(PackError, match=f"result '{first.id}' is of arm 'placebo', and the literature has no arms: leave it empty"):
        load_literature(datasets)


def test_a_pack_that_is_not_there_names_those_that_are():
    with pytest.raises(PackError, match="There is no trial pack 'nothing' in .*; there are cratus, lomecel-b-phase-2b"):
        load_trial("nothing")


def test_a_notebook_shows_the_sentence_and_no_traceback(pack, capsys):
    add_row(pack, value="far")
    shell = InteractiveShell.instance()
    try:
        shell.run_cell(f"from frailty_lessons.trial import load_trial\nload_trial({str(pack)!r})")
    finally:
        InteractiveShell.clear_instance()
    shown = capsys.readouterr().out
    assert "should be a number such as 63.4" in shown and "Traceback" not in shown and "File " not in shown


def test_what_a_file_says_is_escaped_in_html(pack):
    edit(pack / "trial.toml", 'phase = "2b"', 'phase = "2b & 5 < 6"')
    html = load_trial(pack)._repr_html_()
    assert "2b &amp; 5 &lt; 6" in html and "5 < 6" not in html


def test_a_trial_is_frozen_and_answers_lookups():
    trial = load_trial(PACK)
    with pytest.raises(ValueError, match="frozen"):
        trial.phase = "3"
    assert trial.arm("200M").treated == 16 and trial.visit("d270").day == 270 and trial.outcome("6mwt").unit == "m"
    assert {row.id for row in trial.published(arm="200M", day=270)} >= {"d270-200m-vs-placebo"}
    assert trial.source(trial.published("n-200m").source).kind == "company release"
    with pytest.raises(KeyError, match="did you mean 'd270-200m-vs-placebo'"):
        trial.published("d270-200m-vs-placbo")
    with pytest.raises(KeyError, match="no arm '300M'"):
        trial.arm("300M")
    with pytest.raises(TypeError, match="no 'colour'"):
        trial.published(colour="blue")
    frame = trial.to_frame()
    assert len(frame) == len(trial.results) and frame.set_index("id").loc["n-200m", "value"] == 16
