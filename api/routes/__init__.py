"""The addresses: one small file per family. A router joins by being named in ``api/main.py``."""
