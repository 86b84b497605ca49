"""Photos above a memory bound, tile by tile, with the answer of the whole (docs/engines.md)."""
