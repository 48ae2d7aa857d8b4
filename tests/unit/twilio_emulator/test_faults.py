"""Fault rules: which strikes, how often, and what is no rule."""

import json
from typing import Any

import pytest

from twilio_emulator.faults import NOTHING, Effect, Faults, Match, Reset, Rule, Rules, Stage, Subject
from twilio_emulator.inputs import read

PHONE, SENDER = "+14155550123", "+15005550006"
TEXT = Subject(to=PHONE, sender=SENDER, body="Isolate host web-03?", status="sent")
BROKEN = Effect(status=500)


def strikes(rule: Rule, subject: Subject = TEXT, *, times: int = 1) -> list[bool]:
    faults = Faults(Rules(create=(rule,)))
    return [faults.take(Stage.CREATE, subject) is not NOTHING for _ in range(times)]


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(), True),
        (Match(to="0123"), True),
        (Match(to="0124"), False),
        (Match(sender="+1500"), True),
        (Match(sender="+1415"), False),
        (Match(body="web-03"), True),
        (Match(body="web-04"), False),
        (Match(status="sent"), True),
        (Match(status="sen"), False),
        (Match(to="0123", body="web-04"), False),
    ],
)
def test_rule_strikes_only_what_all_of_its_match_fits(match: Match, fits: bool) -> None:
    assert strikes(Rule(match=match, effect=BROKEN)) == [fits]


def test_rule_strikes_no_more_often_than_its_count() -> None:
    assert strikes(Rule(count=2, effect=BROKEN), times=4) == [True, True, False, False]


def test_rule_strikes_the_same_requests_when_the_seed_is_the_same() -> None:
    first, again, other = (strikes(Rule(probability=0.5, seed=seed, effect=BROKEN), times=64) for seed in (7, 7, 8))

    assert first == again != other
    assert 16 < sum(first) < 48


def test_rule_draws_only_for_what_it_fits_so_that_other_traffic_changes_nothing() -> None:
    rule = Rule(match=Match(to=PHONE), probability=0.5, effect=BROKEN)
    alone = strikes(rule, times=20)
    faults = Faults(Rules(create=(rule,)))
    mixed = []
    for _ in range(20):
        assert faults.take(Stage.CREATE, Subject(to="+14155550199")) is NOTHING
        mixed.append(faults.take(Stage.CREATE, TEXT) is not NOTHING)

    assert mixed == alone


def test_first_rule_that_fires_decides_and_a_spent_one_lets_the_next_decide() -> None:
    told: list[tuple[Stage, Effect]] = []
    second = Effect(latency=1)
    faults = Faults(
        Rules(fetch=(Rule(count=1, effect=BROKEN), Rule(effect=second))), told=lambda *fault: told.append(fault)
    )

    assert [faults.take(Stage.FETCH, TEXT) for _ in range(3)] == [BROKEN, second, second]
    assert faults.fired()[Stage.FETCH] == [1, 2]
    assert faults.active == 1
    assert told == [(Stage.FETCH, BROKEN), (Stage.FETCH, second), (Stage.FETCH, second)]


def test_faults_start_afresh_when_reset() -> None:
    first = Rules(create=(Rule(count=1, effect=BROKEN),))
    faults = Faults(first)
    faults.take(Stage.CREATE, TEXT)
    faults.respond(Effect(status=429))

    faults.reset()

    assert faults.rules() == first
    assert faults.take(Stage.CREATE, TEXT) is BROKEN


def test_responses_are_taken_one_by_one_and_are_bounded() -> None:
    faults = Faults()
    for _ in range(3):  # the spent ones make room
        faults.respond(*[BROKEN] * 1000)
        assert all(faults.take(Stage.CREATE, TEXT) is BROKEN for _ in range(1000))
    faults.respond(BROKEN)
    with pytest.raises(ValueError, match=r"^create: more than 1000 rules"):
        faults.respond(*[BROKEN] * 1000)


def test_rules_are_read_from_json_and_written_as_they_were() -> None:
    text = {
        "create": [{"match": {"from": SENDER}, "probability": 0.5, "count": 3, "effect": {"reset": "after"}}],
        "status_callback": [{"effect": {"duplicate": 2, "delay": 1.5}}],
    }

    rules = read(Rules, json.dumps(text))

    assert rules == Rules(
        create=(Rule(match=Match(sender=SENDER), probability=0.5, count=3, effect=Effect(reset=Reset.AFTER)),),
        status_callback=(Rule(effect=Effect(duplicate=2, delay=1.5)),),
    )
    assert json.loads(rules.model_dump_json(exclude_defaults=True)) == text


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([], "body: it must be a JSON object"),
        ({"send": []}, "send: unknown field"),
        ({"create": [{}]}, "create.0.effect: it is missing"),
        ({"create": [{"effect": {"status": 99}}]}, "create.0.effect.status: .* 200; it is 99"),
        ({"create": [{"effect": {"status": "500"}}]}, "create.0.effect.status: .*integer; it is '500'"),
        ({"create": [{"effect": {"body": "x"}}]}, "create.0.effect: a body or a code needs a status"),
        ({"create": [{"effect": {"reset": "now"}}]}, "create.0.effect.reset: .*'before' or 'after'; it is 'now'"),
        ({"create": [{"effect": {}, "probability": 2}]}, "create.0.probability: .*; it is 2"),
        ({"create": [{"effect": {}, "count": 0}]}, "create.0.count: .*; it is 0"),
        ({"create": [{"effect": {"drop": True}}]}, "create.0.effect.drop: this stage does not have it; it may be body"),
        ({"fetch": [{"effect": {"stale": 5}}]}, "fetch.0.effect.stale: this stage does not have it"),
        ({"inbound_webhook": [{"effect": {"status": 500}}]}, "inbound_webhook.0.effect.status: this stage"),
        ({"list": [{"effect": {"latency": 601}}]}, "list.0.effect.latency: .* 600; it is 601"),
    ],
)
def test_rules_are_refused_in_a_sentence_that_names_the_field(rules: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        read(Rules, json.dumps(rules))
