"""An open customer data platform on Dagster, Spark and Delta Lake."""
