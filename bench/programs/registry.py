"""Starts the auth server of the MCP Gateway Registry as it is, with the pool's keys already in the place where it keeps fetched ones.

    python3 registry.py FOLDER_OF_AUTH_SERVER KEYS_FILE USER_POOL_ID PORT
"""
import json
import sys

folder, keys, pool, port = sys.argv[1:]
sys.path.insert(0, folder)

import server  # noqa: E402
import uvicorn  # noqa: E402

with open(keys) as file:
    server.validator._jwks_cache[f"us-east-1:{pool}"] = json.load(file)
uvicorn.run(server.app, host="127.0.0.1", port=int(port))
