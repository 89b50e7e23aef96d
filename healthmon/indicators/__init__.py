"""Indicators of the documents, by place and month: rows with facts, then counts of them.

One module a frame of rows (``patients``, ``persons``, ``cases``, ...); ``measure`` counts them by
the files in ``params/indicators``.
"""
