"""The demo company: see ``load.py``."""
