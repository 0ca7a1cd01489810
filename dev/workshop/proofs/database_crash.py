"""Kill PostgreSQL with all of its processes at a random moment, while people move
money.

What a process has written stays with the operating system when the process is killed,
so that this says nothing about a power cut. The server has `fsync` and
`synchronous_commit` on, as it needs for that.
"""

from .crashing import prove


def run(stage):
    times = stage.size(full=50, quick=2)

    def kill(server, _rng):
        stage.odoo.cluster.crash()
        stage.odoo.cluster.restart()

    yield prove(stage, "PostgreSQL", times, kill, failures=("psycopg2.",))
