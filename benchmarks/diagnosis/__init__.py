"""How well causes are found, and how often one is invented, on sweeps whose truth is known."""
