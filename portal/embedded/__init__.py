"""PostgreSQL and Redis from wheels, run beside Greenroom on one machine.

Nothing here knows Django: ``manage.py up`` and the tests start the same servers with it.
"""

from portal.embedded.errors import ServerFailed
from portal.embedded.ground import Ground, lay_ground
from portal.embedded.postgres import Postgres
from portal.embedded.redis import Redis

__all__ = ["Ground", "Postgres", "Redis", "ServerFailed", "lay_ground"]
