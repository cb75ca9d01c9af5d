"""The composer: a form drawn from a cell, its references and values, and sending what it says."""
