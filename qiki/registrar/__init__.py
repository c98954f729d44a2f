"""The registrar's database: what the bus carried, in SQLite (``docs/registrar.md``).

`interpret` makes records of messages, `database` keeps them, `query` reads them. No connection to
the broker here: `qiki.serve.registrar` has that.
"""
