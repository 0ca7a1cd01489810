"""The demo: a database with the addon and demo data, and a server on it."""

from .addon import installed_key
from .cached import locked
from .console import say, step
from .locations import ADDON
from .odoo import ready
from .serving import Server, check_free
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


def run_demo(*, database, interface, port, fresh):
    check_free(interface, port)
    odoo = ready("demo")
    with odoo.cluster.running():
        with locked(f"database-{database}"):
            _prepare(odoo, database, fresh)
        server = Server(odoo, database, "--http-interface", interface, port=port)
        say("Starting Odoo …")
        with server.running():
            _tell(server)
            return server.process.wait()


def _prepare(odoo, database, fresh):
    """Have the database there and up to date with the checkout."""
    databases = odoo.databases
    state = f"odoo {odoo.version_key} addon {installed_key()}"
    if fresh or not databases.exists(database):
        template = Templates(odoo, with_demo=True).beside(APPS)
        databases.drop(database)
        databases.clone(template, database)
    elif databases.note(database) != state:
        _upgrade(odoo, database)
    databases.write_note(database, state)


def _upgrade(odoo, database):
    note = odoo.databases.note(database)
    same_odoo = note.startswith(f"odoo {odoo.version_key} ")
    what = "Upgrading the demo database to the changed files"
    with step(what):
        odoo.run_logged(
            *("--database", database, "--stop-after-init", "--no-http"),
            *("--update", ADDON if same_odoo else "all"),
            log_name=f"upgrade-{database}",
            what=what,
            todo="mend what is above, or start over with ./dev/run --fresh.",
        )


def _tell(server):
    say(f"\nOdoo with the Customer Wallet: {server.url}\n")
    say(f"  {'login':<10}{'password':<12}")
    for login, password, who in LOGINS:
        say(f"  {login:<10}{password:<12}{who}")
    say(f"\nThe tour of the user guide: {server.url}{TOUR}")
    say(f"\nOdoo's log: {server.log}\nCtrl-C stops it.")
