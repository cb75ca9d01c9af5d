from components.library import library

library()
