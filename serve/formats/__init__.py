"""What must be known of a file format beside what Pillow knows, one format a file."""
