"""What happens: the desk takes requests, the outbox sends, intake listens, the sweeper minds the time.

The ledger is the only writer; the hub only rings.
"""
