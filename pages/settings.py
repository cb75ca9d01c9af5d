from components.screens.settings import settings

settings()
