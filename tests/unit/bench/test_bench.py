"""The benchmark runs and reports all its figures. What they are is no business of a test: machines differ."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from bench.report import FOOTER, Row, as_table
from tests.support.processes import run

ROOT = Path(__file__).parents[3]
FIGURES = [
    "SendSms, 32 in flight",
    "the same with status callbacks",
    "CPU per SendSms",
    "store, message and 2 events, 32 at once",
    "memory per wait, 64 open",
    "one durable commit, SQLite alone",
    "reply to client, p50",
    "reply to client, p99",
    "storm of replies, 64 open",
    "500 stored waits, memory",
    "500 stored waits, file of each",
    "500 stored waits, start",
    "500 stored waits, others' end",
    "start to SERVING",
    "memory when idle",
    "emulator, creates",
]
ALONE = [
    "one durable commit, SQLite alone",
    "500 stored waits, file of each",
    "500 stored waits, start",
    "500 stored waits, others' end",
]


@pytest.mark.slow
def test_bench_reports_every_figure_beside_its_floor_when_run_quickly(tmp_path: Path) -> None:
    room, into = tmp_path / "room", tmp_path / "into"
    room.mkdir()
    into.mkdir()
    command = (sys.executable, "-m", "bench", "--quick", "--json", "--folder", room, "--into", into)
    finished = asyncio.run(run(*command, cwd=ROOT, limit=55))

    assert finished.code == 0, finished.stderr
    figures = json.loads(finished.stdout)["figures"]
    assert [figure["name"] for figure in figures] == FIGURES
    assert [figure["name"] for figure in figures if figure["floor"] is None] == ALONE
    assert not list(room.iterdir())
    assert json.loads((into / "bench.json").read_text())["figures"] == figures
    assert all(name.partition(",")[0] in (into / "bench.svg").read_text() for name in FIGURES)


def test_table_shows_ratio_and_verdict_when_a_figure_has_a_floor_and_a_target() -> None:
    rows = [
        Row(name="fast", unit="1/s", floor=1_000, ours=600, target="ratio >= 0.5", met=True),
        Row(name="slow", unit="ms", floor=2, ours=5, target="<= 3", met=False),
        Row(name="plain", unit="ms", floor=None, ours=0.25),
    ]

    assert as_table(rows) == "\n".join(
        [
            "       unit  floor  textback  ratio  target",
            "fast   1/s   1,000       600   0.60  ratio >= 0.5  PASS",
            "slow   ms     2.00      5.00   2.50  <= 3          MISS",
            "plain  ms        -      0.25      -",
            "",
            FOOTER,
        ]
    )
