"""The words and rules of the bot, in plain Python."""
