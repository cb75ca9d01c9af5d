from components.compare import compare

compare()
