"""A mail server of the tests' own: takes letters by STARTTLS from whoever logs in, and puts each in a file.

    smtp.py PORT FOLDER CERTIFICATE KEY
"""

import ssl
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = b"sluss", b"brevlosen-for-prov"


class Box:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        part = self.folder / f"{self.count:04}.part"
        part.write_bytes(b"To-Envelope: " + ",".join(envelope.rcpt_tos).encode() + b"\n" + envelope.content)
        part.rename(part.with_suffix(".eml"))
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    # Not handled: the server itself is to answer.
    return AuthResult(success=right, handled=False)


port, folder, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
controller = Controller(
    Box(folder), hostname="127.0.0.1", port=int(port), tls_context=context, require_starttls=True,
    authenticator=authenticate, auth_required=True, auth_require_tls=True,
)
controller.start()
print("ready", flush=True)
threading.Event().wait()
