"""What readers see: comparisons, sentences, figures and tables, small counts withheld.

``bulletin`` compares places, ``headlines`` and ``captions`` put results into sentences,
``charts``, ``county_map`` and the ``…_tables`` draw them; ``disclosure`` is the gate that every
count of persons or households passes.
"""
