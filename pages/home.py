from components.screens.home import home

home()
