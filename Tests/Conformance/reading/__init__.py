"""How two programs read the same configuration: cases, the original's reading, ours, and their comparison."""
