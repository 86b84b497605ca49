"""Small pictures, pixel by pixel, for every type and option; `python -m tests.golden` writes them.

What changed is then looked at: a picture here is what somebody once found right.
"""
