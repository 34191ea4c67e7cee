"""What a member can type, one group of commands to a file."""
