"""Running the proofs."""

from .cached import locked
from .console import step
from .databases import Databases
from .odoo import Odoo, ready
from .postgres import proofs_cluster, tests_cluster
from .proofs import SUBJECTS
from .proofs.finding import HEADINGS, Finding, table
from .results import run_subjects, tell, write_page
from .templates import Templates
from .trials.stage import Stage

FOLDER = "proofs"


def run_proofs(*, names, quick, write_docs):
    """Prove these subjects, or all; tell what was found.

    :param write_docs: prove nothing, and write docs/safety.md from the last runs
    :return: int, 0 when nothing is wrong
    """
    if write_docs:
        return write_page(
            "safety.md", FOLDER, HEADINGS, lambda values: Finding.read(values).row()
        )
    odoo = ready(proofs_cluster)
    # Nobody else may use a server that is killed now and then.
    with locked("proofs"), odoo.cluster.running():
        stage = ProofStage(odoo, quick=quick)
        findings = run_subjects("proof", SUBJECTS, names, stage, table)
    note = "the short form" if quick else "the long form"
    values = [finding.values() for finding in findings]
    tell(stage, FOLDER, note, table(findings), values)
    return 0 if all(finding.is_right for finding in findings) else 1


class ProofStage(Stage):
    """Its databases come from the templates that the tests use, which are there."""

    def base(self):
        return self._copied("base")

    def addon(self):
        return self._copied("addon")

    def beside(self, modules):
        """The template that has the addon beside modules of core."""
        return self._copied("beside", modules)

    def _copied(self, kind, *arguments):
        tests = Odoo(tests_cluster())
        with tests.cluster.running():
            name = getattr(Templates(tests), kind)(*arguments)
            if not self.databases.exists(name):
                for old in self.databases.names(f"{kind}_"):
                    self.databases.drop(old)
                with step(f"Copying the database {kind}"):
                    self._copy(Databases(tests.cluster), name)
        return name

    def _copy(self, source, name):
        """Whole or not at all."""
        try:
            self.databases.copy_from(source, name)
        except BaseException:
            self.databases.drop(name)
            raise
