"""HTTP and pixels; knows nothing of networks."""
