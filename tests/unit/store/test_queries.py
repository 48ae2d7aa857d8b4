"""Look-ups that run on the event loop go by index, whatever the table's size."""

import re
from contextlib import closing

import pytest

from textback_server.store.sqlite import batch, files, forgetting, reads, writes

LOOKUPS = {
    name: getattr(module, name)
    for module, names in (
        (reads, "LOAD GET FIND RECALL EVENTS DUE OPEN_WAITS MATCHES FOREIGN CLOSED_SINCE RECEIVED"),
        (reads, "IN_USE NOTICES BLOCKED BLOCKS URGENT EXPIRED UNPROVEN UNSEEN SENT_TODAY"),
        (writes, "UNBLOCK_SENDER DROP_OLD_NOTICES FURTHER_NOTICE"),
        (forgetting, "ENDED KEPT_INBOUND OLD OLD_INBOUND EVENTS_OF ERASE_MESSAGE ERASE_EVENT ERASE_INBOUND"),
        (forgetting, "DROP_EVENTS DROP_CODE DROP_LABELS DROP_SPOKEN_TO DROP_MESSAGE"),
        (forgetting, "DROP_NOTICES DROP_INBOUND"),
    )
    for name in names.split()
}


TRIGGERED = [
    re.sub(r"RAISE\([^)]*\)", "1", statement)
    for body in re.findall(r"BEGIN\n(.*?)^END;", batch.TRIGGERS, re.DOTALL | re.MULTILINE)
    for statement in re.sub(r"--.*", "", body).split(";")
    if re.search(r"(FROM|JOIN) (messages|codes|code_lengths|opt_outs|days)|UPDATE \w+\s+SET", statement)
]
"""What looks for something in a table of the schema, in batch.sql."""

SORT = "USE TEMP B-TREE FOR ORDER BY"
"""A sort of everything. Rows of the same microsecond are sorted among themselves, which has another name."""


def plan(sql: str) -> list[str]:
    with closing(files.connect_in_memory()) as connection:
        values = (None,) * (1 if "?1" in sql else sql.count("?"))
        named = dict.fromkeys(re.findall(r":(\w+)", sql))
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", named or values)]


@pytest.mark.parametrize("name", LOOKUPS)
def test_lookup_neither_scans_nor_sorts_a_table(name: str) -> None:
    look_up(LOOKUPS[name])


@pytest.mark.parametrize("sql", TRIGGERED)
def test_trigger_neither_scans_nor_sorts_a_table(sql: str) -> None:
    look_up(sql)


def look_up(sql: str) -> None:
    known = "asked|json_each|SCAN (other|batch|.?subquery|SUBQUERY)|CONSTANT ROW"
    steps = [step for step in plan(sql) if not re.search(known, step)]
    assert any(step.startswith("SEARCH") for step in steps)
    counted = "messages_pending (account=?)"  # up to the limit, no further
    assert not [
        step
        for step in steps
        if step.startswith("SCAN") or (step.endswith("(account=?)") and not step.endswith(counted))
    ]


@pytest.mark.parametrize("sql", [reads.ASKING, reads.MOVING])
def test_what_is_under_way_and_what_is_counted_is_found_in_an_index(sql: str) -> None:
    steps = [step for step in plan(sql) if " messages" in step or " m " in step]
    indexes = ("messages_asking", "messages_moving", "messages_pending", "messages_by_re", "autoindex_messages")
    assert steps
    assert all(step.startswith("SEARCH") and any(index in step for index in indexes) for step in steps)


def test_opt_outs_are_found_among_opt_outs_only() -> None:
    outer, inner = (step for step in plan(reads.UNFINISHED) if "inbound" in step or "messages" in step)
    assert outer == "SCAN inbound USING INDEX inbound_opt_outs"
    assert inner.startswith("SEARCH messages")


@pytest.mark.parametrize(
    "name", ["DUE", "OPEN_WAITS", "EVENTS", "FOREIGN", "CLOSED_SINCE", "BLOCKS", "ENDED", "KEPT_INBOUND"]
)
def test_first_rows_come_without_sorting(name: str) -> None:
    assert not [step for step in plan(LOOKUPS[name]) if step == SORT]


@pytest.mark.parametrize("condition", ["", reads.RECIPIENT, reads.CASE, reads.MESSAGES_BEFORE, reads.STATES])
def test_list_of_messages_comes_in_the_order_of_an_index(condition: str) -> None:
    start, order = reads.MESSAGES
    sql = (f"{start} AND {condition}" if condition else start) + order
    assert not [step for step in plan(sql) if step == SORT or step.startswith("SCAN messages")]


@pytest.mark.parametrize("condition", ["", reads.SENDER, reads.INBOUND_BEFORE])
def test_list_of_inbound_comes_in_the_order_of_an_index(condition: str) -> None:
    start, order = reads.INBOUND
    sql = (f"{start} AND {condition}" if condition else start) + order
    assert not [step for step in plan(sql) if step == SORT or step.startswith("SCAN inbound")]
