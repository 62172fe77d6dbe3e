"""Everything that changes the directory: agencies, and the people who work for them."""
