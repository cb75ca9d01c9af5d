from components.compare.vote import vote

vote()
