"""The demo: a database with the addon and demo data, and a server on it."""

from .cached import locked
from .console import say
from .locations import ADDON
from .odoo import ready
from .serving import Server, check_free
from .templates import Templates

# Apps beside which the wallet tops up and pays online, and pays quotations and the web
# shop.
APPS = ("payment_demo", "sale_management", "website_sale")
READY = """
Odoo with the Customer Wallet: {url}

  login     password
  admin     admin       may do everything
  demo      demo        an accountant and cashier, from Odoo's own demo data
  portal    portal      a customer, in the portal

The tour of the user guide: {url}/odoo?tour=customer_wallet_tour

Odoo's log: {log}
Ctrl-C stops it."""


def run_demo(*, database, interface, port, fresh):
    """Serve the demo database, made anew or brought up to date with the checkout."""
    check_free(interface, port)
    odoo = ready("demo")
    databases = odoo.databases
    with odoo.cluster.running(), locked(f"database-{database}"):
        if fresh or database not in databases.names():
            template = Templates(odoo, with_demo=True).beside(APPS)
            databases.drop(database)
            databases.clone(template, database)
        else:
            update = ("--update", ADDON, "--stop-after-init", "--no-http")
            odoo.run("--database", database, *update, log_name=f"update-{database}")
        say("Starting Odoo …")
        server = Server(odoo, database, "--http-interface", interface, port=port)
        with server.running():
            say(READY.format(url=server.url, log=server.log))
            return server.process.wait()
