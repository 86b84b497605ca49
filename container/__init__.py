"""The process: commands, gunicorn and signals."""
