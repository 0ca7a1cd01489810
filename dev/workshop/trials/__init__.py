"""What benchmarks and proofs run on: real databases and a real server. All of it runs
inside of Odoo's Python environment.

    stage.py        a process for one of them, and its databases
    books.py        a database: transactions, the clock, and SQL past Odoo
    making.py       documents made through the ORM
    multiplying.py  many more of them, made by SQL
    serving.py      a server with workers
    calling.py      its clients
"""
