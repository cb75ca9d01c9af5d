from components.screens.queue import draw_queue

draw_queue()
