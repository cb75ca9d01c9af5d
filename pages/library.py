from components.screens.library import library

library()
