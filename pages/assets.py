from components.screens.assets import draw_assets

draw_assets()
