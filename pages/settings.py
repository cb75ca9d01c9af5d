from components.settings_page import settings

settings()
