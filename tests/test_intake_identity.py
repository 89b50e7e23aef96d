"""Identity numbers are checked by the national standard and leave as keyed ids."""

import hashlib
import os
import random
import stat
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from healthmon.errors import UserError
from healthmon.intake.faults import BadValue
from healthmon.intake.identity import (
    DEMONSTRATION_KEY,
    Pseudonyms,
    check_identity_number,
    clean_number,
    load_key,
    new_number,
)
from healthmon.project import Project

from small_exports import identity

# the two examples printed in GB 11643-1999
STANDARD = ("11010519491231002X", "440524188001010014")


@pytest.mark.parametrize("number", STANDARD)
def test_the_examples_of_the_standard_are_valid(number: str) -> None:
    check_identity_number(number, simulated=False)


def test_numbers_of_the_tests_agree_with_the_standard() -> None:
    assert identity("19491231", 2, "110105") == STANDARD[0]


@pytest.mark.parametrize(
    ("number", "simulated", "code"),
    [
        ("110105194912310021", False, "wrong_check_digit"),
        ("11010519491231002", False, "wrong_length"),
        ("110105491231002", False, "old_number"),
        ("11010549123100", False, "wrong_length"),
        ("1101051949123100X2", False, "not_an_identity_number"),
        ("11010519491331002X", False, "no_birth_date"),
        ("11010519490230002X", False, "no_birth_date"),
        ("99010119491231002X", False, "wrong_check_digit"),
        (identity("19491231", 2, "999999"), False, "unknown_region"),
        (identity(), False, "mixed_data"),
        (STANDARD[0], True, "mixed_data"),
    ],
)
def test_a_wrong_number_is_refused(number: str, simulated: bool, code: str) -> None:
    with pytest.raises(BadValue) as raised:
        check_identity_number(number, simulated)
    assert raised.value.code == code


@pytest.mark.parametrize("position", range(17))
def test_every_changed_digit_is_noticed(position: int) -> None:
    number = STANDARD[1]
    changed = str((int(number[position]) + 1) % 10)
    with pytest.raises(BadValue):
        check_identity_number(number[:position] + changed + number[position + 1 :], False)


def hmac_by_hand(key: bytes, message: bytes) -> bytes:
    """HMAC as in RFC 2104, for keys up to a block."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()


def test_an_id_is_63_bits_of_hmac() -> None:
    ids = Pseudonyms(DEMONSTRATION_KEY, simulated=True)
    digest = hmac_by_hand(DEMONSTRATION_KEY, b"identity_number:" + identity().encode())
    assert ids.person_id(identity()) == int.from_bytes(digest, "big") >> 193
    digest = hmac_by_hand(DEMONSTRATION_KEY, b"household_number:H1")
    assert ids.household_id("H1") == int.from_bytes(digest, "big") >> 193


def test_a_number_gets_one_id_however_it_is_written() -> None:
    ids = Pseudonyms(DEMONSTRATION_KEY, simulated=False)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in STANDARD[0])
    forms = [STANDARD[0], f" {STANDARD[0].lower()} ", wide]
    assert len({ids.person_id(form) for form in forms}) == 1


def test_another_key_gives_other_ids() -> None:
    one, other = (Pseudonyms(bytes([n]) * 32, simulated=True).household_id("H1") for n in (1, 2))
    assert one != other


def test_two_numbers_with_one_id_stop_the_intake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmac.digest", lambda *_: bytes(32))
    ids = Pseudonyms(DEMONSTRATION_KEY, simulated=True)
    ids.household_id("H1")
    with pytest.raises(UserError, match="same id"):
        ids.household_id("H2")


@pytest.fixture
def real(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("HEALTHMON_KEY_FILE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    return Project(tmp_path)


def test_real_data_gets_a_secret_key_on_first_use(real: Project) -> None:
    first = load_key(real)
    path = real.root / "home/.config/healthmon/person.key"
    assert len(first) == 32
    assert first == load_key(real) == path.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_simulated_data_uses_the_published_key(real: Project) -> None:
    real.raw.mkdir(parents=True)
    (real.raw / "SIMULATED").touch()
    assert load_key(real) == DEMONSTRATION_KEY
    assert not (real.root / "home").exists()


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [(None, 0o600, "does not exist"), (b"short", 0o600, "shorter"), (b"k" * 32, 0o644, "chmod")],
)
def test_a_key_that_cannot_be_used_is_refused(
    real: Project, monkeypatch: pytest.MonkeyPatch, content, mode: int, message: str
) -> None:
    path = real.root / "key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    monkeypatch.setenv("HEALTHMON_KEY_FILE", str(path))
    with pytest.raises(UserError, match=message):
        load_key(real)


def test_a_key_behind_a_link_is_refused(real: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    key, link = real.root / "key", real.root / "link"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    link.symlink_to(key)
    monkeypatch.setenv("HEALTHMON_KEY_FILE", str(link))
    with pytest.raises(UserError, match="is a link"):
        load_key(real)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
@pytest.mark.parametrize(("mode", "message"), [(0o640, "chmod 600"), (0o604, "chmod 600")])
def test_a_key_that_others_can_read_is_refused(
    real: Project, monkeypatch: pytest.MonkeyPatch, mode: int, message: str
) -> None:
    key = real.root / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(mode)
    monkeypatch.setenv("HEALTHMON_KEY_FILE", str(key))
    with pytest.raises(UserError, match=message):
        load_key(real)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
@pytest.mark.parametrize(("mode", "is_refused"), [(0o777, True), (0o755, False), (0o1777, False)])
def test_a_key_in_a_folder_that_others_can_change_is_refused(
    real: Project, monkeypatch: pytest.MonkeyPatch, mode: int, is_refused: bool
) -> None:
    folder = real.root / "keys"
    folder.mkdir()
    folder.chmod(mode)
    (folder / "key").write_bytes(b"k" * 32)
    (folder / "key").chmod(0o600)
    monkeypatch.setenv("HEALTHMON_KEY_FILE", str(folder / "key"))
    if is_refused:
        with pytest.raises(UserError, match="swap the key"):
            load_key(real)
    else:
        assert load_key(real) == b"k" * 32


@given(
    st.sampled_from(["110105", "440524", "630102", "630121"]),
    st.dates(date(1950, 1, 1), date(2020, 1, 1)),
    st.integers(1, 999),
    st.sampled_from("0123456789X"),
)
def test_the_check_agrees_with_python_stdnum(
    region: str, born: date, serial: int, check: str
) -> None:
    number = f"{region}{born:%Y%m%d}{serial:03d}{check}"
    try:
        check_identity_number(number, simulated=False)
        is_good = True
    except BadValue:
        is_good = False
    # python-stdnum also wants the county's code to have been in force at birth: not held here
    assert is_good == (ric.calc_check_digit(number) == check)
    if ric.is_valid(number):
        assert is_good


def test_a_person_older_than_the_code_of_the_county_is_taken() -> None:
    number = identity("19500101", 1, "630102")
    assert not ric.is_valid(number)
    check_identity_number(number, simulated=False)


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "\u3000110105\u300019491231002X ",
    ],
)
def test_spaces_widths_and_small_letters_do_not_matter(written: str) -> None:
    assert clean_number(written) == STANDARD[0]


def test_an_old_number_becomes_the_new_one() -> None:
    assert new_number("110105491231002") == STANDARD[0]


def test_a_named_key_is_used(real: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    path = real.root / "key"
    path.write_bytes(b"k" * 32)
    path.chmod(0o600)
    monkeypatch.setenv("HEALTHMON_KEY_FILE", str(path))
    assert load_key(real) == b"k" * 32


def spoil(number: str, draw: random.Random) -> str:
    """Change a number as hands do: one character, two swapped, one more or less, or nothing."""
    at = draw.randrange(len(number) - 1)
    ways = [
        number,
        number[:at] + draw.choice("0123456789Xx -a") + number[at + 1 :],
        number[:at] + number[at + 1] + number[at] + number[at + 2 :],
        number[:at] + number[at + 1 :],
        number + draw.choice("0X"),
    ]
    return draw.choice(ways)


@pytest.mark.parametrize("simulated", [True, False])
def test_many_at_once_are_judged_as_one_by_one(simulated: bool) -> None:
    """Held against python-stdnum and the calendar of Python, number by number."""
    draw, numbers = random.Random(18), []
    for _ in range(20_000):
        region = draw.choice(["639900", "632521", "110101", "000000"])
        born = f"{draw.randint(1848, 2023)}{draw.randint(0, 13):02}{draw.randint(0, 32):02}"
        body = f"{region}{born}{draw.randint(0, 999):03}"
        numbers.append(spoil(body + ric.calc_check_digit(body + "0"), draw))
    numbers += ["", *numbers[:50]]
    ids, problems = Pseudonyms(DEMONSTRATION_KEY, simulated).ids(
        pa.array(numbers), "identity_number"
    )
    sound = 0
    for position, number in enumerate(numbers):
        one = Pseudonyms(DEMONSTRATION_KEY, simulated)
        try:
            expected = one.person_id(number) if number else None
        except BadValue as problem:
            assert ids[position].as_py() is None
            assert str(problems[position]) == str(problem)
            continue
        sound += expected is not None
        assert ids[position].as_py() == expected
        assert position not in problems
    assert sound > 900
