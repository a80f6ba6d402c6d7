"""Language models behind an interface: clients, the ledger of what was paid, prices."""
