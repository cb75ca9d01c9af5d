"""The program without a face: everything between the form and the socket, as data."""
