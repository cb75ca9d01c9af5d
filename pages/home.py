from components.screens.home import draw_home

draw_home()
