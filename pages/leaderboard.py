from components.screens.leaderboard import leaderboard

leaderboard()
