"""Masks and scores → bytes."""
