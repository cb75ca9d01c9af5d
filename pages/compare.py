from components.compare.page import compare

compare()
