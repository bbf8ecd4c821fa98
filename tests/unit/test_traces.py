"""Lives drawn from files of the traces' form; none of the real ones is needed here."""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from benchmarks.placement import traces
from benchmarks.placement.demand import DAY, HOUR, Scenario, Tenant
from benchmarks.placement.traces import ALIBABA, AZURE, BATCH, GOOGLE, TRACES, absent, column, instances, lives

A_DAY = 288  # rows
DAYS_IN_FILE = 7
LASTS = 600  # seconds, each instance


def written(folder: Path, name: str, rows: list[str]) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(rows) + "\n")
    return file


def usage(row: int) -> float:
    """Half by night, all by day, each day a little more than the last, so that the days can be told apart."""
    return (10 if row % A_DAY >= A_DAY // 2 else 5) + row // A_DAY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every file of the traces, small: days and nights of machine use, an instance of ten minutes each second."""
    for trace in TRACES:
        rows = [f"{trace.memory},other,{trace.processor}"]
        rows += [f"100,x,{usage(n)}" for n in range(DAYS_IN_FILE * A_DAY)]
        written(tmp_path, trace.file, rows)
    written(tmp_path, BATCH, [f"{n},job,task,instance,{LASTS},1.0,0.1" for n in range(3600)])
    return tmp_path


def nodes_at(scenario: Scenario, t: float) -> int:
    return sum(each.at <= t < each.leaves for each in scenario.tenants if each.prefixes)


def test_without_the_files_nothing_is_run_and_it_says_so(tmp_path):
    assert lives(tmp_path) == {}
    assert "NOT RUN, 4 of 4 files absent" in (absent(tmp_path) or "")


@pytest.mark.parametrize("name", [AZURE.file, GOOGLE.file, ALIBABA.file, BATCH])
def test_one_file_that_is_absent_is_enough_to_run_nothing(folder, name):
    (folder / name).unlink()
    assert lives(folder) == {}
    assert "NOT RUN, 1 of 4 files absent" in (absent(folder) or "")


def test_with_all_files_there_is_a_life_for_each_trace_and_peak(folder):
    assert absent(folder) is None
    peaks = {f"{trace.name} {peak} %" for trace in TRACES for peak in (70, 80, 90)}
    assert set(lives(folder)) == peaks | {"Alibaba batch"}


def test_every_life_is_the_same_for_the_same_seed(folder):
    for draw in lives(folder).values():
        assert draw(24, Random(3)) == draw(24, Random(3))
        assert draw(24, Random(3)) != draw(24, Random(4))


def test_a_column_is_read_by_its_name_as_shares_of_its_maximum(tmp_path):
    file = written(tmp_path, "a.csv", ["cpu,mem", "1,9", "4,8", "2,7"])
    assert column(file, "cpu") == (0.25, 1.0, 0.5)


@pytest.mark.parametrize("odd", ["nan", "0", "-1", "inf", ""])
def test_a_value_that_is_no_use_of_a_machine_is_an_error(tmp_path, odd):
    file = written(tmp_path, "a.csv", ["cpu", "1", f"{odd}", "2"] if odd else ["cpu,mem", "1,1", ",2"])
    with pytest.raises(ValueError, match=r"float|not above zero"):
        column(file, "cpu")


@pytest.mark.parametrize(
    ("rows", "peak"),
    [
        pytest.param([(0, 10), (5, 10), (20, 10)], 2, id="two overlap, the third comes later"),
        pytest.param([(0, 10), (10, 10)], 1, id="one begins as the other ends"),
        pytest.param([(3590, 20), (5, 10)], 2, id="one runs into the next hour"),
        pytest.param([(0, 7300)], 3, id="one of two hours and some is there three times at once"),
        pytest.param([(3600, 5), (0, 5)], 2, id="the hour's last second is the next one's first"),
    ],
)
def test_the_most_instances_at_once_of_an_hour_that_repeats(tmp_path, rows, peak):
    file = written(tmp_path, "b.csv", [f"{start},j,t,i,{duration},1,1" for start, duration in rows])
    assert instances(file).peak == peak


def test_nodes_follow_the_processor_column(folder):
    scenario = lives(folder)["Google 80 %"](20, Random(1))
    by_night, by_day = nodes_at(scenario, 2 * DAY + 11 * HOUR), nodes_at(scenario, 2 * DAY + 23 * HOUR)
    assert 0.4 < by_night / by_day < 0.75  # 5 and 10, and up to 6 more for the trace's days before


def test_a_node_stays_two_rows_longer_than_it_is_needed(folder, monkeypatch):
    monkeypatch.setattr(traces, "exponential", lambda *_: lambda: 100 * DAY)  # none leaves of its own accord
    scenario = lives(folder)["Google 80 %"](20, Random(1))
    noon, unneeded = nodes_at(scenario, 2 * DAY - HOUR), nodes_at(scenario, 2 * DAY + 9 * 60)
    assert unneeded == noon
    assert nodes_at(scenario, 2 * DAY + 12 * 60) < noon


@pytest.mark.parametrize("peak", [70, 80, 90])
def test_the_most_ever_asked_for_is_the_peak_but_for_the_sizes_that_nodes_draw(folder, peak):
    scenario = lives(folder)[f"Azure {peak} %"](18, Random(2))
    changes = [(each.at, 1) for each in scenario.tenants]
    for each in scenario.tenants:
        changes += [(at, 16) for at in each.prefixes]
        changes.append((each.leaves, -1 - 16 * len(each.prefixes)))
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    assert most / (2**14 - 5) == pytest.approx(peak / 100, abs=0.04)


def test_the_groups_maximum_is_above_every_number_of_nodes_wanted(folder):
    scenario = lives(folder)["Alibaba 90 %"](20, Random(1))
    assert max(nodes_at(scenario, n * HOUR) for n in range(24 * 5)) <= scenario.most_nodes


def test_the_seed_says_which_whole_days_are_drawn(folder):
    drawn = [traces._days(folder, GOOGLE, 5, Random(seed))[0] for seed in range(20)]
    assert {len(each) for each in drawn} == {5 * A_DAY}
    assert {each[0] for each in drawn} == {5 / 16, 6 / 16, 7 / 16}  # the file's first three nights


def test_a_trace_shorter_than_the_days_asked_for_is_an_error(folder):
    column.cache_clear()
    written(folder, GOOGLE.file, [f"{GOOGLE.processor},{GOOGLE.memory}"] + ["1,1"] * (4 * A_DAY))
    with pytest.raises(ValueError, match="empty range"):
        lives(folder)["Google 80 %"](20, Random(1))


def pods_of(scenario: Scenario) -> list[Tenant]:
    return [each for each in scenario.tenants if each.leaves - each.at == pytest.approx(LASTS)]


def test_batch_instances_are_short_lived_singles_as_many_as_the_share_says(folder):
    scenario = lives(folder)["Alibaba batch"](22, Random(1))
    pods = pods_of(scenario)
    at_once = [sum(each.at <= t < each.leaves for each in pods) for t in range(1800, round(scenario.ends), 3600)]
    # All seconds are alike in this file, so the most at once is the mean: a tenth of 1,019.
    assert sum(at_once) / len(at_once) == pytest.approx(0.10 * 1019, rel=0.05)
    assert all(not each.prefixes for each in pods)


def test_the_hour_repeats_with_another_sample(folder):
    pods = pods_of(lives(folder)["Alibaba batch"](24, Random(1)))
    by_hour = [{int(each.at % HOUR) for each in pods if each.at // HOUR == hour} for hour in range(48)]
    assert len({len(each) for each in by_hour}) == 1
    assert all(a != b for a, b in pairwise(by_hour))
