"""Everything that changes a meeting, one file per verb."""
