"""Reading files into records."""
