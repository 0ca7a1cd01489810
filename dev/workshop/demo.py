"""The demo: a database with the addon and demo data, and a server on it."""

import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from .addon import installed_key
from .cached import locked
from .console import say, step
from .databases import UNFINISHED, Databases
from .locations import ADDON, CHECKOUT
from .network import check_free
from .odoo import ready, wait_for
from .problems import Problem
from .processes import last_lines, log_file
from .templates import Templates

# Who can log in to the demo: login, password, who that is.
LOGINS = (
    ("admin", "admin", "may do everything"),
    ("demo", "demo", "an accountant and cashier, from Odoo's own demo data"),
    ("portal", "portal", "a customer, in the portal"),
)
# Apps beside which the wallet tops up and pays online, and pays quotations and the web
# shop.
APPS = ("payment_demo", "sale_management", "website_sale")
TOUR = "/odoo?tour=customer_wallet_tour"
START_SECONDS = 120
START_OVER = "or start over with ./dev/run --fresh"


class Demo:
    def __init__(self, odoo, database, apps=APPS):
        self._odoo = odoo
        self._apps = apps
        self._databases = Databases(odoo.cluster)
        self._database = database

    def prepare(self, *, fresh):
        """Have the database there and up to date with the checkout."""
        with locked(f"database-{self._database}"):
            if fresh:
                self._databases.drop(self._database)
            if not self._databases.exists(self._database):
                self._make()
            elif self._databases.note(self._database) != self._state():
                self._upgrade()

    def _state(self):
        return f"odoo {self._odoo.version_key} addon {installed_key()}"

    def _make(self):
        state = self._state()
        made = Templates(self._odoo, with_demo=True).beside(self._apps)
        with (
            step("Making the demo database"),
            self._databases.temporary(UNFINISHED) as unfinished,
        ):
            self._databases.clone(made, unfinished)
            self._databases.write_note(unfinished, state)
            self._databases.rename(unfinished, self._database)

    def _upgrade(self):
        state = self._state()
        same_odoo = self._databases.note(self._database).startswith(
            f"odoo {self._odoo.version_key} "
        )
        what = "Upgrading the demo database to the changed files"
        with step(what):
            self._odoo.run_logged(
                *("--database", self._database, "--stop-after-init", "--no-http"),
                *("--update", ADDON if same_odoo else "all"),
                log_name=f"upgrade-{self._database}",
                what=what,
                todo=f"mend what Odoo says above; {START_OVER}.",
            )
            self._databases.write_note(self._database, state)

    def serve(self, interface, port):
        """Run the server until it is interrupted."""
        with self.running(interface, port) as process:
            self._tell(port)
            return wait_for(process)

    @contextmanager
    def running(self, interface, port):
        """Have the server up; gives its process."""
        with self._log().open("w") as output:
            process = subprocess.Popen(
                self._odoo.command(
                    *(
                        "--database",
                        self._database,
                        "--db-filter",
                        f"^{self._database}$",
                    ),
                    *("--http-interface", interface, "--http-port", port),
                ),
                env=self._odoo.environment(),
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                with step("Starting Odoo"):
                    self._wait_until_up(process, port)
                yield process
            finally:
                process.terminate()
                process.wait()

    def _log(self):
        return log_file(f"server-{self._database}")

    def _wait_until_up(self, process, port):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health"):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise Problem(
            f"Odoo did not start. All it said is in {self._log()}.",
            f"mend what is above; {START_OVER}.",
            last_lines(self._log().read_text(errors="replace")),
        )

    def _tell(self, port):
        say(f"\nOdoo with the Customer Wallet: http://localhost:{port}\n")
        say(f"  {'login':<10}{'password':<12}")
        for login, password, who in LOGINS:
            say(f"  {login:<10}{password:<12}{who}")
        say(f"\nThe tour of the user guide: http://localhost:{port}{TOUR}")
        say(f"\nOdoo's log: {self._log()}\nCtrl-C stops it.")


def run_demo(*, database, interface, port, fresh):
    check_free(interface, port)
    odoo = ready("demo")
    demo = Demo(odoo, database)
    with odoo.cluster.running():
        demo.prepare(fresh=fresh)
        return demo.serve(interface, port)
