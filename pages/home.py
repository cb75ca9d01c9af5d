from components.matrix import home

home()
