"""Departments held against each other (JL-3): comparisons as data, one engine.

``terms`` reads ``params/consistency.yml``; ``sources`` says what each department states on a
day; ``facts`` turns that into facts a person, patient or case; ``compare`` counts and lists.
"""
