"""Month by month: what is read again, what stays, and what a killed run leaves behind."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import healthmon.intake
from healthmon.intake import take_in
from healthmon.tables import read_table

from small_exports import SmallExports, identity, person, settlement


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    return SmallExports(tmp_path)


def snapshot(exports: SmallExports) -> dict[str, bytes]:
    """Every file of data/processed with its bytes, but for the times of raw files."""
    root = exports.project.processed
    files = {p.relative_to(root).as_posix(): p for p in sorted(root.rglob("*")) if p.is_file()}
    return {name: p.read_bytes() for name, p in files.items() if name != "intake_seen.json"}


def test_a_second_run_reads_nothing_and_writes_nothing(exports: SmallExports) -> None:
    exports.settlements("2019-01", settlement("S1"))
    exports.settlements("2019-02", settlement("S2"))
    first = take_in(exports.project, "2019-02")
    before = {p: p.stat().st_mtime_ns for p in exports.project.processed.rglob("*")}
    second = take_in(exports.project, "2019-02")
    assert {p: p.stat().st_mtime_ns for p in exports.project.processed.rglob("*")} == before
    assert (first.months_read, second.months_read) == (("2019-01", "2019-02"), ())
    assert first.files == second.files
    assert first.problems == second.problems


def test_a_month_on_top_reads_that_month_alone(exports: SmallExports) -> None:
    exports.settlements("2019-01", settlement("S1"))
    take_in(exports.project, "2019-01")
    before = snapshot(exports)
    exports.settlements("2019-02", settlement("S2"), settlement("S1"))
    assert take_in(exports.project, "2019-02").months_read == ("2019-02",)
    after = snapshot(exports)
    assert {name: after[name] for name in before if name != "intake.json"} == {
        name: data for name, data in before.items() if name != "intake.json"
    }
    old, new = (json.loads(files["intake.json"])["months"]["2019-01"] for files in (before, after))
    assert old == new
    assert take_in(exports.project, "2019-01").months == ("2019-01",)
    assert len(read_table(exports.project, "settlements", until="2019-01")) == 1


def test_a_changed_month_is_read_again_with_those_after_it(exports: SmallExports) -> None:
    for month in ("2019-01", "2019-02", "2019-03"):
        exports.settlements(month, settlement(f"S{month}"))
    take_in(exports.project, "2019-03")
    files = [exports.project.processed / f"settlements/2019-0{n}.parquet" for n in (1, 2, 3)]
    before = [path.stat().st_mtime_ns for path in files]
    exports.settlements("2019-02", settlement("S2019-02"), settlement("S2019-03"))
    assert take_in(exports.project, "2019-03").months_read == ("2019-02", "2019-03")
    # a settlement that is now delivered earlier does not count twice
    assert [len(pq.read_table(path)) for path in files] == [1, 2, 0]
    assert files[0].stat().st_mtime_ns == before[0]


def test_what_did_not_change_keeps_its_file(exports: SmallExports) -> None:
    exports.settlements("2019-01", settlement("S1"))
    exports.settlements("2019-02", settlement("S2"))
    take_in(exports.project, "2019-02")
    path = exports.project.processed / "settlements/2019-02.parquet"
    before = path.stat().st_mtime_ns
    exports.settlements("2019-01", settlement("S3"))
    assert take_in(exports.project, "2019-02").months_read == ("2019-01", "2019-02")
    assert path.stat().st_mtime_ns == before


def test_what_is_no_longer_delivered_disappears(exports: SmallExports) -> None:
    exports.settlements("2019-01", settlement("S1"))
    exports.persons("2019-01", person())
    exports.settlements("2019-02", settlement("S2"))
    take_in(exports.project, "2019-02")
    shutil.rmtree(exports.project.raw / "2019-02")
    exports.persons("2019-01").unlink()
    (exports.project.processed / "intake.json").unlink()
    report = take_in(exports.project, "2019-02")
    assert report.months == ("2019-01",)
    assert read_table(exports.project, "settlements")["settlement_no"].tolist() == ["S1"]
    assert len(read_table(exports.project, "registered_persons")) == 0


def test_a_table_deleted_by_hand_is_made_again(exports: SmallExports) -> None:
    exports.settlements("2019-01", settlement("S1"))
    take_in(exports.project, "2019-01")
    before = snapshot(exports)
    (exports.project.processed / "settlements/2019-01.parquet").unlink()
    assert take_in(exports.project, "2019-01").months_read == ("2019-01",)
    assert snapshot(exports) == before


def three_months(root: Path) -> SmallExports:
    exports = SmallExports(root)
    for month in ("2019-01", "2019-02", "2019-03"):
        exports.persons(month, person(), person(identity(serial=2), sex="南"))
        exports.settlements(month, settlement("S1"), settlement(f"S{month}"))
    return exports


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("_set_earlier_repeats_aside", 0),
        ("write_manifest", 0),
        ("write_manifest", 1),
        ("_publish", 0),
        ("_publish", 1),
        ("_publish", 2),
    ],
)
def test_a_killed_run_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: int
) -> None:
    undisturbed = three_months(tmp_path / "a")
    take_in(undisturbed.project, "2019-03")
    exports, calls = three_months(tmp_path / "b"), []
    real = getattr(healthmon.intake, step)

    def killed(*arguments: object) -> None:
        calls.append(1)
        if len(calls) > when:
            raise KeyboardInterrupt
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(healthmon.intake, step, killed)
        with pytest.raises(KeyboardInterrupt):
            take_in(exports.project, "2019-03")
    take_in(exports.project, "2019-03")
    assert snapshot(exports) == snapshot(undisturbed)


def test_processes_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, several = three_months(tmp_path / "a"), three_months(tmp_path / "b")
    take_in(one.project, "2019-03")
    monkeypatch.setattr("healthmon.intake.workers._WORTH_IT", 0)
    monkeypatch.setattr("healthmon.intake.workers._cpu_count", lambda: 2)
    shares = []
    take_in(several.project, "2019-03", progress=lambda what, share: shares.append(share))
    assert snapshot(one) == snapshot(several)
    assert shares == sorted(shares)
    assert shares[-1] == 1
