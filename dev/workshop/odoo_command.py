"""Odoo's own command as a script: a server with workers calls itself by its path."""

from odoo.cli.command import main

main()
