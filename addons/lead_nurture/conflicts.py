"""Errors that another transaction caused: only a fresh transaction can do better."""
from psycopg2 import errors

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
