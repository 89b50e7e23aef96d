"""Planted errors held against what was found, for simulated months: found, missed, accused.

``terms`` reads ``params/detection.yml``; ``evidence`` collects what intake, linkage and
comparison produced; ``judge`` holds the truth against it. Nothing of the readers' code is used.
"""
