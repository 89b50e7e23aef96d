"""What must come and what came (JL-5): the grid, outliers, the bulletin of completeness.

``terms`` reads ``params/completeness.yml``; ``tallies`` counts and sums rows by county and month;
``grid`` says what came, late, missing or odd; ``outliers`` finds values far from the usual;
``shares`` adds the grid up by place.
"""
