"""Networks that find things one by one: Mask R-CNN."""
