"""An OAuth 1.0a provider for the tests, on Authlib: request token, a page to
authorize, access token, and a small API. It accepts a nonce and a request token
once, and only current timestamps. $CLIENT_ID and $CLIENT_SECRET are its one
client. It listens on a free port of 127.0.0.1 and then prints "ready ADDRESS"."""

import logging
import os
import sys
import threading
import time
from html import escape
from urllib.parse import urlencode

from authlib.integrations.flask_oauth1 import AuthorizationServer, ResourceProtector, current_credential
from authlib.oauth1 import ClientMixin, TemporaryCredentialMixin, TokenCredentialMixin
from authlib.oauth1.errors import OAuth1Error
from flask import Flask, Response, g, jsonify, redirect, request
from werkzeug.serving import make_server

USERS = {
    "jane": {
        "id_str": "6253282000000000001",
        "id": 6253282000000000001,
        "name": "Jane Doe",
        "screen_name": "jane",
        "email": "jane@example.com",
        "profile_image_url_https": "https://example.com/jane.png",
    }
}


class Client(ClientMixin):
    def __init__(self, client_id, secret):
        self.client_id, self.secret = client_id, secret

    def get_default_redirect_uri(self):
        return None

    def get_client_secret(self):
        return self.secret

    def get_rsa_public_key(self):
        return None


class Temporary(TemporaryCredentialMixin):
    def __init__(self, token, client_id, redirect_uri):
        self.token, self.client_id, self.redirect_uri = token, client_id, redirect_uri
        self.user = self.verifier = None

    def get_client_id(self):
        return self.client_id

    def get_redirect_uri(self):
        return self.redirect_uri

    def check_verifier(self, verifier):
        return self.verifier is not None and self.verifier == verifier

    def get_oauth_token(self):
        return self.token["oauth_token"]

    def get_oauth_token_secret(self):
        return self.token["oauth_token_secret"]


class Credential(TokenCredentialMixin):
    def __init__(self, token, client_id, user):
        self.token, self.client_id, self.user = token, client_id, user

    def get_oauth_token(self):
        return self.token["oauth_token"]

    def get_oauth_token_secret(self):
        return self.token["oauth_token_secret"]


class Server(AuthorizationServer):
    SUPPORTED_SIGNATURE_METHODS = ["HMAC-SHA1"]

    def handle_response(self, status_code, payload, headers):
        # Authlib writes Python's True; RFC 5849 section 2.1 requires "true".
        if payload:
            payload = [(k, "true" if v is True else v) for k, v in payload]
        return super().handle_response(status_code, payload, headers)


class Protector(ResourceProtector):
    SUPPORTED_SIGNATURE_METHODS = ["HMAC-SHA1"]

    def acquire_credential(self):
        # request.url is partly decoded; the signature is of the address as sent.
        address = request.base_url
        if request.query_string:
            address += "?" + request.query_string.decode()
        validated = self.validate_request(request.method, address, request.form.to_dict(flat=True), request.headers)
        g.authlib_server_oauth1_credential = validated.credential
        return validated.credential


lock = threading.Lock()
nonces, temporary, credentials, statuses = set(), {}, {}, []
client = Client(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])


def query_client(client_id):
    return client if client_id == client.client_id else None


def query_token(client_id, token):
    return credentials.get(token) if client_id == client.client_id else None


def exists_nonce(nonce, timestamp, client_id, token):
    if int(timestamp) > time.time() + 60:
        return True
    with lock:
        key = (nonce, timestamp, client_id, token)
        if key in nonces:
            return True
        nonces.add(key)
        return False


def create_temporary(token, client_id, redirect_uri):
    made = Temporary(token, client_id, redirect_uri)
    temporary[made.get_oauth_token()] = made
    return made


def create_verifier(credential, user, verifier):
    credential.user, credential.verifier = user, verifier


def create_credential(token, credential):
    made = Credential(token, credential.get_client_id(), credential.user)
    credentials[made.get_oauth_token()] = made
    return made


app = Flask(__name__)
server = Server(app, query_client=query_client)
server.register_hook("exists_nonce", exists_nonce)
server.register_hook("create_temporary_credential", create_temporary)
server.register_hook("get_temporary_credential", lambda token: temporary.get(token))
server.register_hook("delete_temporary_credential", lambda token: temporary.pop(token, None))
server.register_hook("create_authorization_verifier", create_verifier)
server.register_hook("create_token_credential", create_credential)
protected = Protector(app, query_client=query_client, query_token=query_token, exists_nonce=exists_nonce)


@app.post("/oauth/request_token")
def request_token():
    return server.create_temporary_credentials_response()


@app.route("/oauth/authorize", methods=["GET", "POST"])
def authorize():
    try:
        pending = server.check_authorization_request()
    except OAuth1Error as error:
        return Response(str(error), status=400)
    token = pending.credential.get_oauth_token()
    if request.method == "GET":
        return (
            '<!doctype html><title>Authorize</title><form method="post" action="/oauth/authorize">'
            f'<input type="hidden" name="oauth_token" value="{escape(token)}">'
            '<input name="user" value="jane"><button name="answer" value="yes">Authorize</button></form>'
        )
    user = USERS.get(request.form.get("user"))
    if user is None or request.form.get("answer") == "no":
        back = pending.credential.get_redirect_uri()
        temporary.pop(token, None)
        return redirect(back + ("&" if "?" in back else "?") + urlencode({"denied": token}))
    return server.create_authorization_response(grant_user=user)


@app.post("/oauth/access_token")
def access_token():
    return server.create_token_response()


@app.get("/1.1/account/verify_credentials.json")
@protected()
def verify_credentials():
    user = dict(current_credential.user)
    if request.args.get("include_email") != "true":
        user.pop("email")
    return jsonify(user)


@app.post("/1.1/statuses/update.json")
@protected()
def update():
    # The signature covers a form, and not a JSON body. Echo what was read.
    text = request.get_json()["status"] if request.is_json else request.form["status"]
    status = {"text": text, "query": request.args, "user": current_credential.user["screen_name"]}
    statuses.append(status)
    return jsonify(status)


@app.post("/1.1/oauth/invalidate_token")
@protected()
def invalidate_token():
    token = current_credential.get_oauth_token()
    credentials.pop(token, None)
    return jsonify({"access_token": token})


logging.getLogger("werkzeug").setLevel(logging.ERROR)
listener = make_server("127.0.0.1", 0, app, threaded=True)
print(f"ready http://127.0.0.1:{listener.server_port}", flush=True)
threading.Thread(target=listener.serve_forever, daemon=True).start()
# Standard input is closed when the test that started this process ends.
sys.stdin.read()
