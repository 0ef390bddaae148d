"""Everything outside fails in every way, in an order drawn from a seed: `python -m tests.faults.storm --runs 1000`."""
