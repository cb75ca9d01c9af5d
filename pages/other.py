from components.studio import studio

studio(__file__)
