"""The demo city: real county outlines of 赣州, and generated, plausible features marked as demonstration data."""
