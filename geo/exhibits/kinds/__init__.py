"""The kinds of exhibits, one module each."""
