"""The edge to disk: landing, the warehouse of facts, published generations. The only place that imports duckdb."""
