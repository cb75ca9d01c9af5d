from components.screens.assets import assets

assets()
