from components.screens.leaderboard import draw_leaderboard

draw_leaderboard()
