"""A mail server for the tests, on aiosmtpd. It takes mails after STARTTLS and a log-in
($USER_NAME, $PASSWORD; without them neither is asked for), appends each as a line of JSON to
the file $MAILS, and then answers. Recipients say how it behaves:

    nobody@…      550 always            spam@…    554 after the content
    greylisted@…  450 the first time    full@…    452 after the content, the first time
    slow@…        takes half a second   hang@…    does not answer the content, the first time

It listens on $ADDRESS, or on a free port of 127.0.0.1, and then prints "ready ADDRESS"."""

import asyncio
import json
import os
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult

USER = os.environ.get("USER_NAME", "")
PASSWORD = os.environ.get("PASSWORD", "")
MAILS = os.environ["MAILS"]


class Handler:
    def __init__(self):
        self.seen = set()

    def first(self, address):
        first = address not in self.seen
        self.seen.add(address)
        return first

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 5.1.1 no such user"
        if name == "greylisted" and self.first(address):
            return "450 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        name = to.partition("@")[0]
        if name == "spam":
            text = envelope.content.decode()
            link = text[text.find("http"):].split()[0]
            return "554 5.7.1 refused because of " + link
        if name == "full" and self.first(to):
            return "452 4.2.2 the mailbox is full"
        if name == "hang" and self.first(to):
            await asyncio.sleep(3600)
        if name.startswith("slow"):
            await asyncio.sleep(0.5)
        line = json.dumps({
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "tls": session.ssl is not None,
            "user": (session.auth_data or b"").decode(),
            "utf8": "SMTPUTF8" in envelope.mail_options,
            "content": envelope.content.decode("utf-8"),
        })
        with open(MAILS, "a") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login.decode() == USER and data.password.decode() == PASSWORD
    return AuthResult(success=good, handled=True, auth_data=data.login)


async def main():
    handler = Handler()
    options = {"enable_SMTPUTF8": True, "ident": "test"}
    if USER:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(os.environ["CERTIFICATE"])
        options |= {"tls_context": tls, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    host, _, port = os.environ.get("ADDRESS", "127.0.0.1:0").rpartition(":")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, **options), host, int(port))
    print("ready %s:%d" % server.sockets[0].getsockname()[:2], flush=True)
    await server.serve_forever()


# The end of standard input is that of the test.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
asyncio.run(main())
