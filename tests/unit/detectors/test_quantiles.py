import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors._quantiles import median, quantile

numbers = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40).map(np.array)


@given(numbers, st.sampled_from([0, 0.1, 0.25, 1 / 3, 0.4, 0.5, 0.75, 0.9, 1]) | st.floats(0, 1))
def test_a_quantile_is_that_of_numpy_to_the_last_bit(values: np.ndarray, share: float) -> None:
    with np.errstate(over="ignore"):
        assert str(quantile(values, share)) == str(float(np.quantile(values, share)))


@given(numbers)
def test_a_median_is_that_of_numpy_to_the_last_bit(values: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        assert median(values) == float(np.median(values))


@pytest.mark.parametrize("n", [999, 1000, 100_003])
def test_long_arrays_with_ties_too(n: int) -> None:
    values = np.round(np.random.default_rng(n).lognormal(size=n), 2)
    assert median(values) == np.median(values)
    assert [quantile(values, share) for share in (0.25, 0.4, 0.75)] == np.quantile(values, [0.25, 0.4, 0.75]).tolist()
