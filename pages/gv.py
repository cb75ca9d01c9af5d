from components.screens.family import family_page

family_page(__file__)
