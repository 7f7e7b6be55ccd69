"""The storm: shops keep selling while everything fails that can fail, and in the end our rows equal Shopify's.

`python -m tests.storm --minutes 30 --seed 7` runs the real processes over an embedded PostgreSQL of their own. The
seed decides the events in the shops, the faults and the killed processes. Then the faults end, nothing more is
triggered, and everything is compared: each table with a fresh load of the same shop, each figure with the simulator's
own.
"""
