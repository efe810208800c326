"""Django's backend for PostgreSQL, for tests: the owner makes and empties the database.

The application's own role, which may do neither, is what every test runs as.
"""
