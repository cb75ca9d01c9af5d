from components.compare.plan import planner

planner()
