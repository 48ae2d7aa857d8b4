"""`python -m bench`: all figures, as a table or as JSON."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench import figures, report, servers
from bench.chart import as_chart
from bench.emulator import emulator
from bench.store import stores
from bench.stored import stored

FIGURES = (figures.sends, stores, figures.waits, stored, figures.starts, emulator)


async def measured(effort: figures.Effort, folder: Path) -> list[report.Row]:
    """All figures, one after the other; what is measured next is said on standard error."""
    rows: list[report.Row] = []
    async with servers.stub(folder) as stub:
        place = figures.Place(stub=stub, folder=folder)
        for figure in FIGURES:
            sys.stderr.write(f"measuring {figure.__name__} ...\n")
            rows += await figure(place, effort)
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks, each beside its floor.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument("--into", type=Path, help="also write bench.json and bench.svg into this folder")
    parser.add_argument("--folder", type=Path, help="where stores lie while it runs; default: the system's for such")
    chosen = parser.parse_args()
    if not Path("/proc/self/stat").exists():
        parser.error("needs Linux: CPU time and memory are read from /proc")
    with tempfile.TemporaryDirectory(prefix="textback-bench-", dir=chosen.folder) as folder:
        rows = asyncio.run(measured(figures.QUICK if chosen.quick else figures.FULL, Path(folder)))
    if chosen.into:
        (chosen.into / "bench.json").write_text(report.as_json(rows) + "\n")
        (chosen.into / "bench.svg").write_text(as_chart(rows))
    sys.stdout.write((report.as_json(rows) if chosen.json else report.as_table(rows)) + "\n")


if __name__ == "__main__":
    main()
