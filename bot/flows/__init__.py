"""What the bot does, one verb to a file."""
