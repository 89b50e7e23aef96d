"""Deadlines of newly listed households (KF-2): kept or not, and how long things took."""
