from components.planner import planner

planner()
