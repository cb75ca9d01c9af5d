"""The server beside the pages: our own routes, and what every request passes on its way in and out."""
