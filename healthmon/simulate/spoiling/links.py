"""Broken identity numbers and names: the row still tells who it is, by birth and village."""

from collections.abc import Callable

from healthmon.simulate.planting import LINK
from healthmon.simulate.spoiling.desk import Chosen, Desk

NAME, NUMBER = "姓名", "证件号码"
_HOMES = ("chronic_patients", "social_assistance")
_DOTS = ("•", "．", "・", "‧", "")
_MIDDLE_DOT = "·"


def _one_digit(number: str, draw: int) -> str:
    at = 6 + draw % 11
    return f"{number[:at]}{(int(number[at]) + 1 + draw % 9) % 10}{number[at + 1 :]}"


def _swapped(number: str, draw: int) -> str:
    places = [i for i in range(6, 16) if number[i] != number[i + 1]]
    at = places[draw % len(places)]
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _fifteen(number: str, draw: int) -> str:
    return number[:6] + number[8:17]


_BREAK: dict[str, Callable[[str, int], str | None]] = {
    "one_digit_wrong": _one_digit,
    "two_digits_swapped": _swapped,
    "number_missing": lambda number, draw: None,
    "fifteen_digits": _fifteen,
    "wrong_digit_and_homophone": _one_digit,
    "wrong_digit_and_other_dot": _one_digit,
}
KINDS = tuple(_BREAK)


def break_numbers(desk: Desk) -> None:
    """Break numbers of persons on the register in lists that tell birth date and village."""
    shares = desk.world.settings.table("planted_link_shares")
    same_sound = {pair[0]: pair[1] for pair in desk.world.settings.list_words("same_sound")}
    for kind in KINDS:
        each = -(-desk.how_many(shares[kind]) // len(_HOMES))
        for table in _HOMES:
            for draw, one in enumerate(desk.pick(table, each, _suits(desk, kind, same_sound))):
                _break(desk, kind, one, draw, same_sound)


def _suits(desk: Desk, kind: str, same_sound: dict[str, str]) -> Callable[[Chosen], bool]:
    def suits(one: Chosen) -> bool:
        number, name = one.get(NUMBER), one.get(NAME)
        if number not in desk.on_register or one.get("行政村代码") == "":
            return False
        if kind == "fifteen_digits":
            return number[6:8] == "19"
        if kind == "wrong_digit_and_homophone":
            return name[-1] in same_sound
        return kind != "wrong_digit_and_other_dot" or _MIDDLE_DOT in name

    return suits


def _break(desk: Desk, kind: str, one: Chosen, draw: int, same_sound: dict[str, str]) -> None:
    name = one.get(NAME)
    if kind == "wrong_digit_and_homophone":
        one.put(NAME, name[:-1] + same_sound[name[-1]])
    if kind == "wrong_digit_and_other_dot":
        one.put(NAME, name.replace(_MIDDLE_DOT, _DOTS[draw % len(_DOTS)]))
    value = _BREAK[kind](one.get(NUMBER), int(desk.rng.integers(0, 1000)))
    desk.spoil_cell(one, kind, LINK, NUMBER, value)
