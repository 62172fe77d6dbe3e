"""What passes from one person to another when the lead changes or somebody leaves a team."""
