"""From frames to what people look at."""
