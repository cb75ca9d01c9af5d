from components.compare.plan import draw_plan

draw_plan()
