from components.screens.seen import draw_seen_page

draw_seen_page()
