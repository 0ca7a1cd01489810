"""Running the benchmarks."""

from .benchmarks import SUBJECTS
from .benchmarks.comparing import HEADINGS, Comparison, table
from .odoo import ready
from .postgres import bench_cluster
from .results import run_subjects, tell, write_page
from .trials.stage import Stage

FOLDER = "benchmarks"


def run_benchmarks(*, names, quick, write_docs):
    """Measure these subjects, or all; tell what came out.

    :param write_docs: measure nothing, and write docs/speed.md from the last runs
    """
    if write_docs:
        return write_page(
            "speed.md", FOLDER, HEADINGS, lambda values: Comparison.read(values).row()
        )
    odoo = ready(bench_cluster)
    with odoo.cluster.running():
        stage = Stage(odoo, quick=quick)
        comparisons = run_subjects("benchmark", SUBJECTS, names, stage, table)
    note = "QUICK: little data, no result" if quick else "medians of alternating rounds"
    values = [comparison.values() for comparison in comparisons]
    tell(stage, FOLDER, note, table(comparisons), values)
    return 0
