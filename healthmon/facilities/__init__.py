"""Scores of county and township hospitals and blank-spot flags of villages (QH-1)."""
