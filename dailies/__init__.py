"""The program without a face: everything between the form and the socket, as data."""

__version__ = "0.2.0"
