from components.screens.library import draw_library

draw_library()
