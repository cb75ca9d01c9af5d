from components.library.page import draw_library

draw_library()
