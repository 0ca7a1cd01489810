"""What benchmarks and proofs run on: real databases and a real server.

What a subject does inside of Odoo are functions that get a `Books` for each of their
databases, in a process of its own. They use no import of Odoo, since the same file is
also read outside of it.

    stage.py        databases, and how to run a function inside of Odoo
    inside.py       the other end of that: transactions, and the clock
    making.py       documents made through the ORM
    multiplying.py  many more of them, made by SQL
    serving.py      a server with workers (started by odoo_command.py)
    calling.py      its clients
"""
