"""aiohttp as a client of NAF and portal: the errand, then host:port of either.

It is handed its session and cannot bootstrap. Its password comes from the environment, as every
user may read arguments.
"""

import asyncio
import os
import sys

import aiohttp

NAMES = {"fetch": "naf1.home1.net", "enrol": "pkiportal.home1.net"}


async def errand(name: str, naf: str, portal: str) -> int:
    digest = aiohttp.DigestAuthMiddleware(
        login=os.environ["GBASPEC_BTID"],
        password=os.environ["GBASPEC_KS_NAF_BASE64"],
    )
    headers = {"Host": NAMES[name], "User-Agent": "aiohttp 3gpp-gba"}
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(middlewares=(digest,), timeout=timeout) as session:
        if name == "fetch":
            request = session.get(f"http://{naf}/", headers=headers)
        else:
            headers["Content-Type"] = "application/x-pkcs10"
            with open("interop/request.pem", "rb") as file:
                body = file.read()
            url = f"http://{portal}/enrol?response=single"
            request = session.post(url, headers=headers, data=body)
        async with request as answer:
            await answer.read()
            # A client that looks at no Authentication-Info believes each refusal.
            return {200: 0, 403: 3}.get(answer.status, 1)


if __name__ == "__main__":
    sys.exit(asyncio.run(errand(*sys.argv[1:4])))
