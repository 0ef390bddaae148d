"""How well causes are found, and how often one is invented, on sweeps whose truth is known."""

from hparam_ci._process import single_threaded_algebra

single_threaded_algebra()
