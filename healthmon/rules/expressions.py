"""Conditions as expressions for tables too large for pandas."""

from functools import reduce

import narwhals as nw

from healthmon.rules.conditions import Condition


def express(*conditions: Condition) -> nw.Expr:
    """Return an expression that is true where all conditions hold, null where it is not known.

    The same three-valued logic as :meth:`.conditions.Condition.evaluate`, by the engine's own
    nulls; least values of missing numbers are not looked at. Without conditions it is true.

    Parameters
    ----------
    *conditions : Condition
        On columns of the table.
    """
    parts = [_express(condition) for condition in conditions]
    return reduce(lambda one, other: one & other, parts) if parts else nw.lit(True)


def _express(condition: Condition) -> nw.Expr:
    if condition.all is not None:
        return express(*condition.all)
    if condition.any is not None:
        return reduce(lambda one, other: one | other, map(_express, condition.any))
    column = nw.col(condition.input or "")
    if condition.is_ is not None:
        return column if condition.is_ else ~column
    if condition.is_in is not None:
        # a missing value is in no list on some engines
        return nw.when(~column.is_null()).then(column.is_in(condition.is_in))
    return _compare(column, condition)


def _compare(column: nw.Expr, condition: Condition) -> nw.Expr:
    if condition.equals is not None:
        return column == condition.equals
    if condition.at_least is not None:
        return column >= condition.at_least
    if condition.more_than is not None:
        return column > condition.more_than
    if condition.at_most is not None:
        return column <= condition.at_most
    return column < condition.less_than
