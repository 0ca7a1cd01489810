"""The developer's workshop: a real Odoo 19 around this checkout.

`dev/run`, `dev/test`, `dev/lint` and `dev/odoo` are thin commands on top of these
modules. Everything is standard library, since this is what fetches the rest.
An Odoo server never loads any of it.
"""
