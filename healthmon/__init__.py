"""Health-poverty monitoring by the written standards of five Chinese government documents."""

__version__ = "0.1.0"
