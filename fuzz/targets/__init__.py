"""One reader a file: `check` feeds it, `seeds` are inputs to begin with.

`check` takes any bytes and returns, or raises something that the reader's docstring does not name.
"""
