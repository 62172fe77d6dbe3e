"""Everything that changes what is known of a family, one room a subject."""
