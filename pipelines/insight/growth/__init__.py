"""What agents do day by day, and whether that changes."""
