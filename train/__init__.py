"""The algorithm's training contract; knows nothing of HTTP."""
