"""The developer's workshop: a real Odoo 19 around this checkout.

The commands in `dev/` are thin ones on top of these modules, which are standard library
alone, since this is what fetches the rest. What runs inside of Odoo's environment are
`trials`, `benchmarks`, `proofs`, `catalogs` and the story of `pictures`; the camera has
an environment of its own. An Odoo server never loads any of it.
"""
