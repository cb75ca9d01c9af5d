from components.leaderboard import leaderboard

leaderboard()
