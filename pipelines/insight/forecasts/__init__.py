"""When the next level comes: forecasts of XP by conformal ranges. XP predicts XP here, and nothing else."""
