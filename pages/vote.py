from components.vote import vote

vote()
