"""Where places stand (SD-2): backlog, weak points, gaps; small places not on noise."""
