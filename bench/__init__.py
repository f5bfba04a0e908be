"""How fast the product is, each figure next to the floor that the machine sets in the same run.

Machines differ and are shared, so only the ratios mean anything. `make bench` runs it all.
"""
