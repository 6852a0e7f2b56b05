#!/usr/bin/env python3
# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
"""Checks from outside that one tenant's host cannot reach another tenant's database. README.md lists the environment.

Nothing is changed in either database; no master password is known to it, and databases it asks to drop do not exist.
Exits 1 with one line for each failure, 2 when it cannot run.
"""

import base64
import http.client
import json
import os
import re
import sys
import urllib.parse
import xmlrpc.client

ENV = os.environ
try:
    URL = urllib.parse.urlsplit(ENV["GUARD_URL"])
    OWN, OTHER = ENV["GUARD_DB_OWN"], ENV["GUARD_DB_OTHER"]
    LOGIN, PASSWORD = ENV["GUARD_LOGIN"], ENV["GUARD_PASSWORD"]
except KeyError as missing:
    print(f"set {missing} (see README.md)", file=sys.stderr)
    sys.exit(2)
# The other tenant's credentials: right ones, so that only the guard can stand in the way.
OTHER_LOGIN, OTHER_PASSWORD = ENV.get("GUARD_OTHER_LOGIN", LOGIN), ENV.get("GUARD_OTHER_PASSWORD", PASSWORD)
UNKNOWN = "tenantry-guard-no-such-database"
HOST = ENV.get("GUARD_HOST", "own.example.test")

failures = checks = 0


def check(ok, what, seen=None):
    global failures, checks
    checks += 1
    if not ok:
        failures += 1
        print(f"FAIL {what}" + (f": {str(seen)[:160]}" if seen is not None else ""))


def skip(what):
    print(f"skip {what}")


class Answer:
    def __init__(self, raw):
        self.status, self.headers, self.body = raw.status, raw.headers, raw.read()

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def result(self):
        answer = self.json()
        return answer.get("result") if isinstance(answer, dict) else None

    def __eq__(self, other):
        return (self.status, self.body) == (other.status, other.body)

    def __str__(self):
        return f"{self.status} {self.body[:120]!r}"


class Client:
    """A browser without redirects. `filter` is the database of the host: what the edge would set."""

    def __init__(self, filter=None, **headers):
        self.headers = {"Host": HOST, "X-Forwarded-Host": HOST, "X-Forwarded-Proto": "http"}
        if filter:
            self.headers["X-Odoo-dbfilter"] = f"^{re.escape(filter)}$"
        self.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        self.cookies = {}

    def request(self, method, path, body=None, content_type=None):
        connection = http.client.HTTPConnection(URL.hostname, URL.port or 80, timeout=60)
        headers = dict(self.headers)
        if content_type:
            headers["Content-Type"] = content_type
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection.request(method, path, body, headers)
        answer = Answer(connection.getresponse())
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def get(self, path):
        return self.request("GET", path)

    def form(self, path, **fields):
        return self.request("POST", path, urllib.parse.urlencode(fields), "application/x-www-form-urlencoded")

    def json(self, path, params, envelope=True):
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params} if envelope else params
        return self.request("POST", path, json.dumps(body), "application/json")

    def sign_in(self, login, password, query=""):
        """By the form, as a person does. Returns the POST's status: 303 is success."""
        page = self.get("/web/login" + query)
        for _ in range(3):  # the session's database may be chosen by redirects
            if page.status not in (302, 303):
                break
            page = self.get(re.sub(r"^https?://[^/]+", "", page.headers["Location"]))
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page.body)
        if not token:
            return page.status
        return self.form("/web/login", csrf_token=token[1].decode(), login=login, password=password).status

    def session_db(self):
        return (self.json("/web/session/get_session_info", {}).result() or {}).get("db")


def by_jsonrpc(client, service, method, args):
    """Returns (allowed, result, answer). Refused is only AccessDenied: any other error has gone too far."""
    answer = client.json("/jsonrpc", {"service": service, "method": method, "args": args})
    error = answer.json().get("error") or {}
    return outcome(answer, "result" in answer.json(), answer.result(),
                   (error.get("data") or {}).get("name") == "odoo.exceptions.AccessDenied")


def by_xmlrpc(base):
    def call(client, service, method, args):
        answer = client.request("POST", f"{base}/{service}", xmlrpc.client.dumps(tuple(args), method), "text/xml")
        try:
            return outcome(answer, True, xmlrpc.client.loads(answer.body)[0][0], False)
        except xmlrpc.client.Fault as fault:
            return outcome(answer, False, None, fault.faultCode in (3, "AccessDenied"))
        except Exception:  # not XML-RPC at all, such as a 404
            return outcome(answer, False, None, False)
    return call


def outcome(answer, success, result, denied):
    return "answered" if success else "denied" if denied else "failed", result, answer


WAYS = {"/jsonrpc": by_jsonrpc, "/xmlrpc": by_xmlrpc("/xmlrpc"), "/xmlrpc/2": by_xmlrpc("/xmlrpc/2")}


def calls_naming(db, uid):
    yield "common", "authenticate", [db, OTHER_LOGIN, OTHER_PASSWORD, {}]
    yield "common", "login", [db, OTHER_LOGIN, OTHER_PASSWORD]
    yield "object", "execute_kw", [db, uid, OTHER_PASSWORD, "res.users", "search_count", [[]]]
    yield "object", "execute", [db, uid, OTHER_PASSWORD, "res.users", "search_count", []]


def rpc_through_own_host(way, call):
    own = Client(OWN)
    state, uid, answer = call(own, "common", "authenticate", [OWN, LOGIN, PASSWORD, {}])
    check(state == "answered" and uid, f"{way} authenticate in the own database", answer)
    uid = uid or 2
    check(call(own, "common", "login", [OWN, LOGIN, PASSWORD])[1] == uid, f"{way} login in the own database")
    wrong = call(own, "common", "authenticate", [OWN, LOGIN, "not-it", {}])
    check(wrong[1] is False, f"{way} wrong password in the own database", wrong[2])
    for method, args in ("execute_kw", [[]]), ("execute", []):
        state, result, answer = call(own, "object", method, [OWN, uid, PASSWORD, "res.users", "search_count", args])
        check(state == "answered" and isinstance(result, int), f"{way} {method} in the own database", answer)
    check(call(own, "common", "version", [])[0] == "answered", f"{way} version")

    for service, method, args in calls_naming(OTHER, uid):
        state, result, answer = call(own, service, method, args)
        check(state == "denied", f"{way} {service}.{method} reaches another tenant's database ({state})", answer)
        unknown = call(own, service, method, [UNKNOWN, *args[1:]])[2]
        check(answer == unknown, f"{way} {service}.{method} tells an existing name from an unknown one", unknown)
    for shape, args in ("no arguments", []), ("a list as name", [[OTHER], LOGIN, PASSWORD, {}]):
        state, _, answer = call(own, "common", "authenticate", args)
        check(state == "denied", f"{way} authenticate with {shape} ({state})", answer)
    # Odoo unpacks an object like a list, to its keys.
    if way == "/jsonrpc":
        keys = {OTHER: 0, "login": 0, "password": 0}
        state, _, answer = call(own, "common", "login", keys)
        check(state == "denied", f"{way} login with an object as arguments ({state})", answer)


def db_service(way, call):
    own = Client(OWN)
    for method, args in [
        ("list", []), ("list", [True]), ("db_exist", [OWN]), ("db_exist", [OTHER]), ("db_exist", [UNKNOWN]),
        # No call below could do harm: the names are unknown and so is the master password.
        ("create_database", ["not-it", UNKNOWN, False, "en_US"]),
        ("duplicate_database", ["not-it", UNKNOWN, UNKNOWN + "2"]),
        ("drop", ["not-it", UNKNOWN]), ("dump", ["not-it", UNKNOWN, "zip"]), ("restore", ["not-it", UNKNOWN, ""]),
        ("rename", ["not-it", UNKNOWN, UNKNOWN + "2"]), ("migrate_databases", ["not-it", [UNKNOWN]]),
        ("change_admin_password", ["not-it", "not-it"]), ("list_countries", ["not-it"]), ("no_such_method", ["not-it"]),
    ]:
        state, _, answer = call(own, "db", method, args)
        check(state == "denied", f"{way} db.{method} of {'/'.join(map(str, args[:2]))} ({state})", answer)
    check(call(own, "db", "server_version", [])[0] == "answered", f"{way} db.server_version")


def rpc_without_filter(way, call):
    """No X-Odoo-dbfilter, two databases at least. Where RPC is no server-wide module the answer is a 404 instead."""
    for extra in {}, {"X_Odoo_Database": OWN}, {"X_Odoo_Database": OTHER}, {"X_Odoo_dbfilter": ""}:
        what = f"without X-Odoo-dbfilter, {extra or 'nothing else'}"
        answers = []
        for db in OWN, OTHER, UNKNOWN:
            for service, method, args in calls_naming(db, 2):
                state, _, answer = call(Client(**extra), service, method, args)
                refused = state == "denied" or answer.status == 404
                check(refused, f"{way} {service}.{method} of {db} {what} ({state})", answer)
                answers.append(answer)
        check(all(a == answers[0] for a in answers), f"{way} {what}: the answer depends on the name")
    # A client's own X-Odoo-Database on the own host.
    client = Client(OWN, X_Odoo_Database=OTHER)
    for service, method, args in calls_naming(OTHER, 2):
        state, _, answer = call(client, service, method, args)
        refused = state == "denied" or answer.status == 404
        check(refused, f"{way} {service}.{method} with X-Odoo-Database: other ({state})", answer)


def other_ways():
    """What asks db_filter already in Odoo: the guard relies on it, so it is watched."""
    own = Client(OWN)
    good = own.json("/web/session/authenticate", {"db": OWN, "login": LOGIN, "password": PASSWORD})
    check((good.result() or {}).get("db") == OWN, "/web/session/authenticate in the own database", good)
    bad = {}
    for db in OTHER, UNKNOWN:
        credentials = {"db": db, "login": OTHER_LOGIN, "password": OTHER_PASSWORD}
        bad[db] = Client(OWN).json("/web/session/authenticate", credentials)
    check(bad[OTHER].result() is None, "/web/session/authenticate reaches another tenant's database", bad[OTHER])
    check(bad[OTHER] == bad[UNKNOWN], "/web/session/authenticate tells an existing name from an unknown one")
    answer = Client(OWN).json("/web/database/list", {})
    check(OTHER not in (answer.result() or []), "/web/database/list names another tenant", answer)

    person = Client(OWN)
    check(person.sign_in(LOGIN, PASSWORD) == 303, "login by the form")
    check(person.session_db() == OWN, "the session's database after login")
    page = person.get("/web")
    if page.status == 303:
        page = person.get(re.sub(r"^https?://[^/]+", "", page.headers["Location"]))
    check(page.status == 200 and b"session_info" in page.body, "the web client", page)
    bundle = re.search(rb'(?:src|href)="(/web/assets/[^"]+)"', page.body)
    check(bundle and person.get(bundle[1].decode()).status == 200, "an asset of the web client")
    count = {"model": "res.users", "method": "search_count", "args": [[]], "kwargs": {}}
    answer = person.json("/web/dataset/call_kw", count)
    check(isinstance(answer.result(), int), "a call of the web client", answer)
    answer = Client(OWN).json("/web/session/get_lang_list", {})
    check(isinstance(answer.result(), list), "/web/session/get_lang_list", answer)
    person.get("/web?db=" + OTHER)
    check(person.session_db() in (OWN, None), "?db= of another tenant in an open session", person.session_db())

    # A right password and still the own database (or no login at all, where the passwords differ).
    asker = Client(OWN)
    asker.sign_in(OTHER_LOGIN, OTHER_PASSWORD, "?db=" + OTHER)
    check(asker.session_db() in (OWN, None), "login with ?db= of another tenant", asker.session_db())
    stranger = Client(OTHER)
    check(stranger.sign_in(OTHER_LOGIN, OTHER_PASSWORD) == 303, "login in the other database, as preparation")
    check(stranger.session_db() == OTHER, "the other session's database, as preparation")
    carried = Client(OWN)
    carried.cookies = dict(stranger.cookies)
    check(carried.session_db() is None, "a session of another tenant's database on the own host", carried.session_db())
    header = Client(OWN, X_Odoo_Database=OTHER)
    answer = header.json("/web/session/authenticate", {"db": OTHER, "login": OTHER_LOGIN, "password": OTHER_PASSWORD})
    check(answer.result() is None, "/web/session/authenticate with X-Odoo-Database: other", answer)
    header.sign_in(OTHER_LOGIN, OTHER_PASSWORD)
    check(header.session_db() in (OWN, None), "login with X-Odoo-Database: other", header.session_db())


def json2():
    path = "/json/2/res.users/search_count"
    if Client(OWN).json(path, {"domain": []}, envelope=False).status == 404:
        return skip("/json/2: not there")
    own_key, other_key = ENV.get("GUARD_API_KEY_OWN"), ENV.get("GUARD_API_KEY_OTHER")
    if not own_key or not other_key:
        return skip("/json/2: no GUARD_API_KEY_OWN and GUARD_API_KEY_OTHER")

    def ask(filter, key, **headers):
        return Client(filter, Authorization="bearer " + key, **headers).json(path, {"domain": []}, envelope=False)
    check(ask(OWN, own_key).status == 200, "/json/2 in the own database", ask(OWN, own_key))
    check(ask(OTHER, other_key).status == 200, "/json/2 in the other database by its own host, as preparation")
    check(ask(OWN, other_key).status == 401, "/json/2 with another tenant's key", ask(OWN, other_key))
    crossed, unknown = (ask(OWN, other_key, X_Odoo_Database=db) for db in (OTHER, UNKNOWN))
    check(crossed.status != 200, "/json/2 with X-Odoo-Database: other reaches it", crossed)
    check(crossed == unknown, "/json/2 tells an existing name from an unknown one", unknown)


def websocket():
    if not ENV.get("GUARD_WEBSOCKET_URL"):
        return skip("/websocket: no GUARD_WEBSOCKET_URL")
    url = urllib.parse.urlsplit(ENV["GUARD_WEBSOCKET_URL"])
    person = Client(OWN)
    person.sign_in(LOGIN, PASSWORD)
    version = re.search(rb'"websocket_worker_version": "([^"]+)"', person.get("/odoo").body)
    connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=30)
    connection.request("GET", "/websocket" + (f"?version={version[1].decode()}" if version else ""), headers={
        **person.headers, "Origin": f"http://{HOST}", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Cookie": "; ".join(f"{k}={v}" for k, v in person.cookies.items())})
    status = connection.sock and connection.getresponse().status
    check(status == 101, "/websocket on the gevent port", status)
    connection.close()


try:
    for way, call in WAYS.items():
        rpc_through_own_host(way, call)
        db_service(way, call)
        rpc_without_filter(way, call)
    other_ways()
    json2()
    websocket()
except OSError as error:
    print(f"cannot reach Odoo at {URL.geturl()}: {error}", file=sys.stderr)
    sys.exit(2)
print(f"{checks} checks, {failures} failed")
sys.exit(1 if failures else 0)
