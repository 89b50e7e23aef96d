"""The vault holds who persons are: encrypted, for its owner alone, opened with its key only."""

import os
import shutil
import stat
from pathlib import Path

import pytest
from test_intake_identity import STANDARD

import healthmon.intake
from healthmon.errors import UserError
from healthmon.identities import open_identities
from healthmon.intake import take_in
from healthmon.intake.vault import vault_path

from small_exports import OTHER_VILLAGE, VILLAGE, SmallExports, household, identity, person

MONTH, NEXT = "2019-01", "2019-02"


@pytest.fixture
def exports(tmp_path: Path) -> SmallExports:
    exports = SmallExports(tmp_path)
    exports.households(MONTH, household("H1"), household("H2", OTHER_VILLAGE))
    exports.persons(MONTH, person(identity(serial=1)), person(identity(serial=2)))
    return exports


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallExports:
    """Two real persons (the examples of the standard) and a home folder without keys."""
    for name in ("HEALTHMON_KEY_FILE", "HEALTHMON_VAULT_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    exports = SmallExports(tmp_path / "checkout", simulated=False)
    exports.households(MONTH, household("H1"))
    exports.persons(
        MONTH,
        person(STANDARD[0], born="1949-12-31"),
        person(STANDARD[1], born="1880-01-01"),
    )
    return exports


def test_the_vault_says_who_is_who(exports: SmallExports) -> None:
    take_in(exports.project, MONTH)
    opened = open_identities(exports.project, MONTH)
    known = opened[opened["person_id"].notna()]
    assert sorted(known["identity_number"]) == [identity(serial=1), identity(serial=2)]
    assert set(known["name"]) == {"卓玛"}
    assert set(known["telephone"]) == {"13900000001"}
    assert set(known["village_code"]) == {VILLAGE}
    empty = opened[opened["person_id"].isna()]
    assert empty[["head_name", "village_code"]].values.tolist() == [["卓玛", OTHER_VILLAGE]]


def test_what_was_delivered_last_counts(exports: SmallExports) -> None:
    exports.households(NEXT, household("H1", change="变更").replace("13900000001", "13900000002"))
    exports.persons(NEXT, person(identity(serial=1), change="变更").replace("卓玛", "卓玛措"))
    take_in(exports.project, NEXT)
    before, after = (
        open_identities(exports.project, month).set_index("identity_number")
        for month in (MONTH, NEXT)
    )
    assert before.loc[identity(serial=1), ["name", "telephone"]].tolist() == ["卓玛", "13900000001"]
    assert after.loc[identity(serial=1), ["name", "telephone"]].tolist() == [
        "卓玛措", "13900000002",
    ]  # fmt: skip


def test_names_and_numbers_lie_nowhere_in_the_open(exports: SmallExports) -> None:
    take_in(exports.project, MONTH)
    wanted = [text.encode() for text in ("卓玛", identity(serial=1), "13900000001")]
    data = exports.project.root / "data"
    for path in (p for p in data.rglob("*") if p.is_file() and "raw" not in p.parts):
        assert not [word for word in wanted if word in path.read_bytes()], path


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_the_vault_is_for_its_owner_alone(exports: SmallExports) -> None:
    take_in(exports.project, MONTH)
    path = vault_path(exports.project, MONTH)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_runs_give_the_same_bytes(exports: SmallExports) -> None:
    take_in(exports.project, MONTH)
    first = vault_path(exports.project, MONTH).read_bytes()
    shutil.rmtree(exports.project.private)
    take_in(exports.project, MONTH)
    assert vault_path(exports.project, MONTH).read_bytes() == first


DAMAGE = [
    ("a byte changed", lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:], "changed"),
    ("the end cut off", lambda data: data[:-5], "changed or cut short"),
    ("the file cut to a few bytes", lambda data: data[:10], "no vault, or was cut short"),
    ("an empty file", lambda data: b"", "no vault"),
    ("another file", lambda data: b"PK" + data[2:], "no vault"),
]


@pytest.mark.parametrize(("damage", "message"), [c[1:] for c in DAMAGE], ids=[c[0] for c in DAMAGE])
def test_a_damaged_vault_is_refused_and_made_anew(
    exports: SmallExports, damage, message: str
) -> None:
    take_in(exports.project, MONTH)
    path = vault_path(exports.project, MONTH)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    with pytest.raises(UserError, match=message):
        open_identities(exports.project, MONTH)
    assert take_in(exports.project, MONTH).months_read == (MONTH,)
    assert path.read_bytes() == whole


def test_a_vault_of_another_month_is_refused(exports: SmallExports) -> None:
    take_in(exports.project, MONTH)
    shutil.copy(vault_path(exports.project, MONTH), vault_path(exports.project, NEXT))
    with pytest.raises(UserError, match="another month"):
        open_identities(exports.project, NEXT)


def test_before_any_intake_there_is_no_vault(exports: SmallExports) -> None:
    with pytest.raises(UserError, match="run the intake first"):
        open_identities(exports.project, MONTH)


def test_without_the_key_nobody_is_named(real: SmallExports) -> None:
    take_in(real.project, MONTH)
    assert set(open_identities(real.project, MONTH)["identity_number"]) == set(STANDARD)
    key = real.project.root.parent / "home/.config/healthmon/vault.key"
    key.rename(key.with_name("elsewhere"))
    with pytest.raises(UserError, match=r"vault\.key does not exist"):
        open_identities(real.project, MONTH)
    # and no new one was made, with which the vault would not open either
    assert not key.exists()


def test_another_key_opens_nothing(real: SmallExports, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(real.project, MONTH)
    other = real.project.root / "other.key"
    other.write_bytes(b"o" * 32)
    other.chmod(0o600)
    monkeypatch.setenv("HEALTHMON_VAULT_KEY_FILE", str(other))
    with pytest.raises(UserError, match="another key"):
        open_identities(real.project, MONTH)


def test_the_same_key_gives_the_same_ids_each_month(real: SmallExports) -> None:
    real.persons(NEXT, person(STANDARD[0], born="1949-12-31", change="变更"))
    take_in(real.project, NEXT)
    opened = [open_identities(real.project, month) for month in (MONTH, NEXT)]
    first, second = (frame.set_index("identity_number")["person_id"] for frame in opened)
    assert first[STANDARD[0]] == second[STANDARD[0]]


def test_neither_key_is_ever_printed(real: SmallExports, capfd: pytest.CaptureFixture) -> None:
    take_in(real.project, MONTH)
    said = "".join(capfd.readouterr())
    folder = real.project.root.parent / "home/.config/healthmon"
    keys = [path.read_bytes() for path in folder.iterdir()]
    assert len(keys) == 2
    for path in (p for p in real.project.processed.rglob("*") if p.is_file()):
        content = path.read_bytes()
        assert not [key for key in keys if key in content or key.hex().encode() in content]
    assert not [key for key in keys if key.hex() in said]


def test_a_run_killed_while_publishing_gives_the_same_vault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exports: SmallExports
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(healthmon.intake, "write_private", _killed)
        with pytest.raises(KeyboardInterrupt):
            take_in(exports.project, MONTH)
    assert not vault_path(exports.project, MONTH).exists()
    assert take_in(exports.project, MONTH).months_read == (MONTH,)
    assert len(open_identities(exports.project, MONTH)) == 3


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_no_longer_delivered_leaves_the_vault(exports: SmallExports) -> None:
    exports.persons(NEXT, person(identity(serial=9)))
    take_in(exports.project, NEXT)
    shutil.rmtree(exports.project.raw / NEXT)
    take_in(exports.project, NEXT)
    assert not vault_path(exports.project, NEXT).exists()
