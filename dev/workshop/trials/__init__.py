"""What benchmarks and proofs run on: real databases and a real server, inside of Odoo's
Python environment.
"""
