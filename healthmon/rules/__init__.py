"""The written standards as data: a small language of conditions and components.

``params/standards/<document>/<standard>.yml`` holds every number, each with its clause and quote;
the modules here read that language and apply it to tables of facilities.
"""
