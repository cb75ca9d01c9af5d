"""Small programs for those who work on dailies; nothing here runs in the app."""
