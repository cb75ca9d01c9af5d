"""The form: widgets made from a cell, references, the request view, and sending what the form says."""
