"""R7 on shorter traces: at most two notices for each real incident, and none missed."""

import pytest

from benchmarks.alerts import GOAL, run


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_flapping_value_is_told_of_twice_for_each_real_incident_and_none_is_missed(seed):
    for counted in run(samples=2000, seed=seed):
        assert counted.incidents >= 5
        assert counted.missed == 0, counted
        assert counted.notices <= GOAL * counted.incidents, counted
        assert counted.notices < counted.at_each_poll < counted.at_each_log_line
