"""Foreign and native logs, read into records of the input contract. No database."""
