from components.screens.family import draw_family

draw_family(__file__)
