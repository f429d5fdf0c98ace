"""Acts for a user of an application through the gateway of `social serve`, with nothing but
Python's standard library.

    GATEWAY=http://127.0.0.1:8082 CLIENT_ID=… CLIENT_SECRET=… python3 gateway.py USER PROVIDER PATH

prints the user's connections, calls PATH of the provider's API, once through the proxy and
once with a token of its own, and then what has happened since. `gateway.py verify` reads a
webhook's body from standard input, and checks the signature that is in its arguments.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

GATEWAY = os.environ.get("GATEWAY", "http://127.0.0.1:8082")


def call(path, form=None, headers=None):
    """Returns the status and the JSON of an answer; a form is posted."""
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(GATEWAY + path, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def client():
    """The fields that say which machine client asks."""
    return {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]}


def own_token():
    """A token for the gateway itself, good for ten minutes (RFC 6749 §4.4)."""
    status, answer = call("/oauth/token", {"grant_type": "client_credentials", **client()})
    if status != 200:
        sys.exit(f"the gateway refuses this client: {answer['error']}")
    return answer["access_token"]


def user_token(user, provider):
    """The user's token at the provider, fresh (RFC 8693); None when there is none to give."""
    status, answer = call("/oauth/token", {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:gosocial:user-id", "subject_token": user, "audience": provider, **client(),
    })
    if status == 200:
        return answer["access_token"]
    # The user can help it where there is an address to connect at.
    print(f"{provider}: {answer['error']}", answer.get("connect_url", ""))
    return None


def genuine(secret, headers, body, now=None):
    """Whether a webhook comes from the gateway (Standard Webhooks). Answer 400 if not."""
    if abs((now or time.time()) - int(headers["webhook-timestamp"])) > 5 * 60:
        return False  # somebody sends an old one again
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split())


def main(user, provider, path):
    bearer = {"Authorization": "Bearer " + own_token()}
    _, answer = call("/v1/connections?" + urllib.parse.urlencode({"user": user}), headers=bearer)
    for connection in answer["connections"]:
        print(f"{connection['provider_id']}: {connection['status']}")

    # Through the proxy the program sees no token at all.
    status, answer = call(f"/proxy/{provider}{path}", headers={**bearer, "Social-User": user})
    print("proxy:", status, answer.get("login") or answer.get("code"))

    token = user_token(user, provider)
    print("token:", "yes" if token else "no")

    _, answer = call("/v1/events", headers=bearer)
    for event in answer["events"]:
        print("event:", event["type"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["verify"]:
        secret, id_, timestamp, signature = sys.argv[2:]
        received = {"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": signature}
        print("genuine" if genuine(secret, received, sys.stdin.buffer.read()) else "forged")
    else:
        main(*sys.argv[1:])
