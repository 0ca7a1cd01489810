"""The demo: a database with the addon and demo data, and a server on it."""

from .addon import installed_key
from .cached import locked
from .console import say, step
from .databases import UNFINISHED, Databases
from .locations import ADDON
from .network import check_free
from .odoo import ready
from .serving import Server
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
START_OVER = "or start over with ./dev/run --fresh"


class Demo:
    def __init__(self, odoo, database):
        self._odoo = odoo
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
        made = Templates(self._odoo, with_demo=True).beside(APPS)
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
        options = ("--http-interface", interface)
        server = Server(self._odoo, self._database, *options, port=port)
        say("Starting Odoo …")
        with server.running():
            self._tell(server)
            return server.process.wait()

    @staticmethod
    def _tell(server):
        say(f"\nOdoo with the Customer Wallet: {server.url}\n")
        say(f"  {'login':<10}{'password':<12}")
        for login, password, who in LOGINS:
            say(f"  {login:<10}{password:<12}{who}")
        say(f"\nThe tour of the user guide: {server.url}{TOUR}")
        say(f"\nOdoo's log: {server.log}\nCtrl-C stops it.")


def run_demo(*, database, interface, port, fresh):
    check_free(interface, port)
    odoo = ready("demo")
    demo = Demo(odoo, database)
    with odoo.cluster.running():
        demo.prepare(fresh=fresh)
        return demo.serve(interface, port)
