"""Small programs for developers of dailies. Nothing here runs in the app."""
