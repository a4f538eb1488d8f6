"""Generators: deterministic rows written by COPY, valid for the ORM."""
