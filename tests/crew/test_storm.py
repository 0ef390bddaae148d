"""Random faults of the model's server, by seed: the crew ends in time, and no false sentence comes through."""

from __future__ import annotations

import pytest

from tests.crew.storm import storm


@pytest.mark.parametrize("seed", range(6))
def test_the_crew_ends_whatever_the_server_does(seed: int) -> None:
    wrong, _, _ = storm(seed)
    assert not wrong
