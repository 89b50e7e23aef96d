"""Yuan in, fen kept, yuan shown."""

import pytest

from healthmon.money import fen, format_yuan


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1560", 156000), ("0.07", 7), ("-3.5", -350), ("1234.56", 123456), (4000, 400000)],
)
def test_yuan_become_fen_exactly(text: str, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize("text", ["1.234", "", "1,560", "nan", "1e3", "12.x"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        fen(text)


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (156000, 0, "1,560"), (156049, 0, "1,560"), (156050, 0, "1,561"), (156050, 2, "1,560.50"),
        (-150, 2, "-1.50"), (None, 0, "—"), (float("nan"), 2, "—"), (7, 2, "0.07"),
    ],
)  # fmt: skip
def test_fen_are_shown_as_yuan(amount: int | None, decimals: int, shown: str) -> None:
    assert format_yuan(amount, decimals) == shown
