"""Networks and engines; knows nothing of HTTP."""
