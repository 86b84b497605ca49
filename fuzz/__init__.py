"""Every reader of anybody's bytes, fed with inputs that grow towards code not yet reached.

`fuzz/targets` has one reader a file; `python -m fuzz` runs them under atheris (libFuzzer).
"""
