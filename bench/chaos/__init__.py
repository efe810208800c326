"""A whole Greenroom whose workers, broker and database are killed while artists work.

Nothing of the product is changed for it: the same programs, services and supervisor, tiny models of
real pipeline classes, real signals. In the end the books, the rows and the files must agree.
"""
