"""Running the benchmarks."""

from .benchmarks import SUBJECTS
from .benchmarks.comparing import table
from .odoo import ready
from .postgres import bench_cluster
from .results import run_subjects, tell
from .trials.stage import Stage


def run_benchmarks(*, names, quick):
    """Measure these subjects, or all; tell what came out."""
    odoo = ready(bench_cluster)
    with odoo.cluster.running():
        stage = Stage(odoo, quick=quick)
        comparisons = run_subjects("benchmark", SUBJECTS, names, stage, table)
    note = "QUICK: little data, no result" if quick else "medians of alternating rounds"
    values = [comparison.values() for comparison in comparisons]
    tell(stage, "benchmarks", note, table(comparisons), values)
    return 0
