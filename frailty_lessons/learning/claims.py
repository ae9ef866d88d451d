"""The claim desk: the learner's verdict on each claim of a news report, the evidence for it, and the reasoned verdict."""

import json
from collections import Counter

from frailty_lessons.learning.cards import Cards, chosen, mixed
from frailty_lessons.learning.pages import Page
from frailty_lessons.learning.progress import SURE, ProgressError, Record
from frailty_lessons.learning.questions import QuestionError
from frailty_lessons.trial.schema import Claim, Trial, Unknown
from frailty_lessons.ui.words import WORDS

ENOUGH = 4  # verdicts, before the desk compares how sure the learner was with how often she was right
NEAR = 10  # per cent points, within which these two count as the same
PLAIN = ("count", "ratio", "amount", "limit", "day")  # statistics that the figure itself tells
SAY = WORDS["claims"]


class Desk(Cards):
    """The claims of a trial's desk, one at a time, and how it went. A verdict can be changed; the first one counts."""

    def __init__(self, trial: Trial):
        super().__init__()
        self.trial = trial
        self.claims = {id: trial.claim(id) for id in trial.desk}

    def key(self, claim: Claim) -> str:
        """Where the progress keeps the answers to the claim."""
        return f"claims/{self.trial.id}/{claim.id}"

    def spec(self):
        return {"id": "claims", "words": WORDS["form"] | SAY["form"]}

    def state(self):
        record, notice = self.recorded()
        left = next((claim for claim in self.claims.values() if self.key(claim) not in record.attempts), None)
        return (self._shown(left, record) if left else self._summary(record)) | notice

    def hear(self, message):
        record, notice = self.recorded()
        if "go" in message:
            claim = self.claims.get(str(message["go"]))
            return (self._shown(claim, record) if claim else self._summary(record)) | notice
        claim = self.claims.get(str(message.get("key")))
        if claim is None:
            return self.state()
        draft = message.get("draft")
        try:
            if isinstance(draft, str):
                self.progress.keep_draft(self.key(claim), draft)
                return {"card": self._card(claim, record), "draft": draft, "draft_kept": True}
            if message.get("again"):
                return {"card": self._card(claim, record), "draft": self._begun(claim, record)} | notice
            return self._handed_in(claim, message.get("answer"))
        except (QuestionError, ProgressError) as error:
            draft = draft if isinstance(draft, str) else json.dumps(message.get("answer"))
            return {"card": self._card(claim, record), "draft": draft, "notice": str(error)}

    def _handed_in(self, claim, given) -> dict:
        answer, confidence = judged(claim, given)
        notice = {}
        try:
            self.progress.add(self.key(claim), answer, confidence, answer["verdict"] == claim.verdict)
        except ProgressError as error:
            notice = {"notice": str(error)}
        return {"card": self._card(claim, self.recorded()[0], True), "feedback": self._feedback(claim, answer)} | notice

    def _shown(self, claim, record) -> dict:
        attempts = record.attempts.get(self.key(claim))
        if attempts and _verdict(attempts[-1]):
            return {"card": self._card(claim, record, True), "feedback": self._feedback(claim, attempts[-1].answer)}
        return {"card": self._card(claim, record), "draft": self._begun(claim, record)}

    def _begun(self, claim, record) -> str:
        """What the learner has filled in and not handed in, otherwise her last answer."""
        last = record.attempts.get(self.key(claim), [None])[-1]
        answer = json.dumps(last.answer | {"sure": last.confidence}) if last and _verdict(last) else ""
        return record.drafts.get(self.key(claim), answer)

    def _card(self, claim, record, handed_in=False) -> dict:
        ids = list(self.claims)
        place = ids.index(claim.id)
        buttons = []
        if place + 1 < len(ids):
            buttons.append({"text": SAY["next"].format(number=place + 2), "send": {"go": ids[place + 1]}})
        if handed_in:
            buttons.append({"text": SAY["change"], "send": {"again": True}})
        if place:
            buttons.append({"text": SAY["back"].format(number=place), "send": {"go": ids[place - 1]}})
        buttons.append({"text": SAY["summary"], "send": {"go": ""}})
        return {
            "key": claim.id,
            "kind": "parts",
            "heading": SAY["heading"].format(number=place + 1, count=len(ids)),
            "prompt": claim.text,
            "parts": [
                {"name": "verdict", "kind": "choice", "legend": SAY["verdict"], "missing": SAY["no_verdict"],
                 "options": [{"value": verdict, "text": text} for verdict, text in SAY["verdicts"].items()]},
                {"name": "sure", "kind": "choice", "legend": WORDS["form"]["how_sure"], "missing": SAY["no_confidence"], "in_a_row": True,
                 "options": [{"value": value, "text": text} for value, text in WORDS["form"]["sure"]]},
                {"name": "evidence", "kind": "several", "legend": SAY["evidence"], "missing": SAY["no_evidence"],
                 "options": [row(self.trial, id) for id in offered(claim)]},
            ],
            "buttons": buttons,
            "note": SAY["score"].format(count=len(ids), **done) if (done := score(self, record))["handed"] else "",
        }  # fmt: skip

    def _feedback(self, claim, answer) -> dict:
        ticked = chosen(answer, "evidence", offered(claim))
        missed, rest = [], []
        for id in offered(claim):
            bears, known = id in claim.evidence, row(self.trial, id)
            mistake = bears != (id in ticked)
            told = {"text": known["text"], "more": [*known["more"], *_source(self.trial, id)], "mark": SAY["bears" if bears else "bears_not"][id in ticked], "right": bears}
            (missed if mistake else rest).append({**told, "mistake": mistake})
        right = answer["verdict"] == claim.verdict
        return {
            "verdict": SAY["right" if right else "not_right"].format(reasoned=claim.verdict, yours=answer["verdict"]),
            "right": right,
            "words": f"{claim.why.strip()}\n\n{how_known(self.trial, claim)}",
            "options": missed,
            "rest": {"title": SAY["rest"].format(count=len(rest)), "options": rest},
        }

    def _summary(self, record) -> dict:
        done = score(self, record)
        rows = []
        for number, claim in enumerate(self.claims.values(), 1):
            first = _first(self, claim, record)
            told = SAY["claim_done"].format(reasoned=claim.verdict, yours=first.answer["verdict"]) if first else SAY["claim_open"]
            rows.append({"text": SAY["claim"].format(number=number), "send": {"go": claim.id}, "after": f"{claim.text} {told}"})
        card = {
            "key": "",
            "kind": "page",
            "heading": SAY["summary_heading"],
            "prompt": SAY["summary_prompt"].format(count=len(self.claims), **done),
            "lines": score_in_words(done),
            "rows": rows,
        }
        return {"card": card}


def offered(claim: Claim) -> list[str]:
    """The ids that the desk shows with a claim, in an order that is fixed and gives nothing away."""
    return mixed(claim.id, claim.evidence + claim.others)


def row(trial: Trial, id: str) -> dict:
    """What the desk shows of one id: what it says, and how well it is known."""
    results, part = trial.find(id)
    if isinstance(part, Unknown):
        return {"value": id, "text": part.text, "more": [SAY["unknown"]]}
    title = getattr(results, "short_title", None)
    place = "" if results is trial else f"{SAY['another'].format(title=title) if title else SAY['elsewhere']}: "
    known = "; ".join([results.source(part.source).kind, part.certainty_in_words()])
    arm = results.arm(part.arm).label if part.arm else ""
    day = "" if part.day is None else WORDS["evidence"]["day"].format(day=part.day)
    if part.value is None:
        return {"value": id, "text": f"{place}{', '.join(filter(None, [part.measure, arm, day]))}: {part.note}", "more": [known]}
    what = [name for name in (part.measure, part.statistic) if name not in PLAIN and name != part.unit]
    return {"value": id, "text": place + ": ".join(filter(None, [part.figure(), ", ".join(filter(None, [*what, arm, day]))])), "more": [*filter(None, [part.note]), known]}


def how_known(trial: Trial, claim: Claim) -> str:
    """How well the rows are known that bear on a claim, in one sentence."""
    parts = [trial.find(id)[1] for id in claim.evidence]
    counts = Counter(SAY["unknown"] if isinstance(part, Unknown) else part.certainty_in_words() for part in parts)
    return SAY["known"].format(rows=", ".join(f"{count} {words}" for words, count in counts.items()))


def judged(claim: Claim, given) -> tuple[dict, int | None]:
    """The verdict and the evidence that were handed in, and how sure the learner was.

    Raises `QuestionError` with one sentence for what is no answer.
    """
    verdict = given.get("verdict") if isinstance(given, dict) else None
    if not isinstance(verdict, str) or verdict not in SAY["verdicts"]:
        raise QuestionError([SAY["no_verdict"]])
    evidence = chosen(given, "evidence", offered(claim))
    if not evidence:
        raise QuestionError([SAY["no_evidence"]])
    sure = given.get("sure")
    if isinstance(sure, bool) or not isinstance(sure, int) or not 0 <= sure <= 100:
        raise QuestionError([SAY["no_confidence"]])
    return {"verdict": verdict, "evidence": evidence}, sure


def score(desk: Desk, record: Record) -> dict:
    """How the first answers to a desk's claims went: verdicts, rows of evidence, and how sure the learner was."""
    done = Counter(dict.fromkeys(("handed", "right", "bearing", "ticked", "others", "strays", "sure", "sure_right", "confidence"), 0))
    for claim in desk.claims.values():
        first = _first(desk, claim, record)
        if first is None:
            continue
        right, sure = first.answer["verdict"] == claim.verdict, (first.confidence or 0) >= SURE
        ticked = chosen(first.answer, "evidence", offered(claim))
        done["handed"] += 1
        done["right"] += right
        done["bearing"] += len(claim.evidence)
        done["ticked"] += sum(id in claim.evidence for id in ticked)
        done["others"] += len(claim.others)
        done["strays"] += sum(id in claim.others for id in ticked)
        done["sure"] += sure
        done["sure_right"] += sure and right
        done["confidence"] += first.confidence or 0
    return dict(done)


def score_in_words(done: dict) -> list[str]:
    """What to tell the learner of a score."""
    handed = done["handed"]
    if not handed:
        return [SAY["summary_nothing"]]
    lines = [SAY["summary_verdicts"].format(**done), SAY["summary_evidence"].format(**done)]
    if done["sure"]:
        lines.append(SAY["summary_sure"].format(**done))
    if handed >= ENOUGH:
        mean, share = done["confidence"] / handed, 100 * done["right"] / handed
        how = SAY["as_sure"] if abs(mean - share) <= NEAR else SAY["surer"] if mean > share else SAY["less_sure"]
        lines.append(SAY["summary_mean"].format(mean=round(mean), share=round(share), how=how))
    return [*lines, SAY["summary_first"]]


def _first(desk: Desk, claim: Claim, record: Record):
    return next((attempt for attempt in record.attempts.get(desk.key(claim), ()) if _verdict(attempt)), None)


def _verdict(attempt) -> str | None:
    """The verdict of an attempt; None if it is none, as in a file that somebody has changed."""
    verdict = attempt.answer.get("verdict") if isinstance(attempt.answer, dict) else None
    return verdict if isinstance(verdict, str) and verdict in SAY["verdicts"] else None


def _source(trial: Trial, id: str) -> list[str]:
    results, part = trial.find(id)
    return [] if isinstance(part, Unknown) else [WORDS["evidence"]["source"].format(source=results.source(part.source).citation)]


def claims(trial: Trial) -> Desk | Page:
    """The claim desk of a trial, or one sentence if its pack has no claims for it."""
    if trial.desk:
        return Desk(trial)
    return Page(f"<p>{SAY['none']}</p>", SAY["none"])
