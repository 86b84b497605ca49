"""The first minute: a small model, a photo of a cat, a mask."""
