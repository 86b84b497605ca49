"""Masks and scores → colours."""
