"""`predict`: photos sent to a running server, and its answers kept."""
