"""The storm: a shop lives on while everything that can go wrong does, and in the end our rows are Shopify's.

`python -m tests.storm --minutes 30 --seed 7` runs the real processes over an embedded PostgreSQL of their own. All is
drawn from the seed: what happens in the shops, which faults rage when, and which process is killed. Then the faults
end, nobody does anything, and everything is compared: each table with a load of the same shop from nothing, each
figure with the simulator's own computation.
"""
