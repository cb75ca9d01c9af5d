from components.compare.vote import draw_vote

draw_vote()
