"""peer.py DIR - postfix-mta-sts-resolver with its SQLite cache, every domain of DIR/domains in it, on DIR/peer.sock

The cache is filled through the peer's own code, and its grace is long enough that it asks nobody anything while it is
measured. Everything else is as it comes.
"""
import asyncio
import json
import sys
import time

from postfix_mta_sts_resolver import daemon
from postfix_mta_sts_resolver.sqlite_cache import SqliteCache

where = sys.argv[1]
database = where + "/peer.db"
policy = json.dumps({"version": "STSv1", "mode": "enforce", "max_age": 604800, "mx": ["*.mx.bench.example"]})


async def fill():
    with open(where + "/domains", encoding="ascii") as domains:
        rows = [(name.strip(), int(time.time()), "1", policy) for name in domains]
    cache = SqliteCache(database)
    await cache.setup()
    async with cache._pool.borrow(5) as db:
        await db.executemany("insert into sts_policy_cache (domain, ts, pol_id, pol_body) values (?, ?, ?, ?)", rows)
        await db.commit()
    await cache.teardown()


asyncio.run(fill())
with open(where + "/peer.yml", "w", encoding="ascii") as config:
    config.write(f"path: {where}/peer.sock\nmode: 0666\ncache_grace: 86400\n"
                 f"cache:\n  type: sqlite\n  options:\n    filename: {database}\n")
sys.argv = ["mta-sts-daemon", "-c", where + "/peer.yml"]
daemon.main()
