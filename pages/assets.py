from components.assets import assets

assets()
