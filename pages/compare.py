from components.compare.page import draw_compare

draw_compare()
