# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
"""Remote procedure calls obey the database filter.

With many tenants in one Odoo the edge names each request's tenant in the header X-Odoo-dbfilter and the add-on
dbfilter_from_header makes `odoo.http.db_filter` obey it. Odoo asks db_filter wherever it chooses a request's database
(session, X-Odoo-Database, ?db=, /web/session/authenticate, /json/2), but not in its remote procedure calls: /jsonrpc
and /xmlrpc take the database's name from the body, so that one tenant's host would reach any other's database.

All of those go through `odoo.http.dispatch_rpc` (Odoo 16 to 19). This wraps it. It must be this function and not the
dispatchers below it (odoo.service.{common,db,model}.dispatch): there the request has already been taken away.
"""

import functools
import logging

from odoo import http
from odoo.exceptions import AccessDenied
from odoo.tools import config

from . import closed, enter

_logger = logging.getLogger(__name__)

# What may be asked without naming a database, because the answer says nothing about any. list_lang is what
# /web/session/get_lang_list needs. Not here, among others: db.db_exist, which answers even with list_db = False.
HARMLESS = {
    ("common", "about"),
    ("common", "version"),
    ("db", "list_lang"),
    ("db", "server_version"),
}


def header_is_obeyed():
    """Whether dbfilter_from_header is live: these are its own two conditions."""
    return bool(config.get("proxy_mode")) and "dbfilter_from_header" in config.get("server_wide_modules")


def may_name(db):
    """Whether the current request may name this database."""
    # Another type (a list, a number) is no name, and would only make the filter fail.
    if not isinstance(db, str) or not http.db_filter([db]):
        return False
    if header_is_obeyed() and http.request.httprequest.environ.get("HTTP_X_ODOO_DBFILTER"):
        return True
    # Nothing on the request says whose it is, so that the filter is only what the configuration says (by default: all).
    # Then the name must be the only one there is to choose, as Odoo itself demands before it picks a database unasked.
    return http.db_list(force=True) == [db]


def may_call(service, method, params):
    """Whether the current request may make this call."""
    if (service, method) in HARMLESS:
        return True
    if service == "db":
        # Databases are made, listed, copied and dropped by Tenantry, never through Odoo.
        return False
    # Every other call (common: login, authenticate; object: execute, execute_kw) names its database first.
    return bool(params) and may_name(params[0])


def guarded(dispatch_rpc):
    @functools.wraps(dispatch_rpc)
    def guarded_dispatch_rpc(service_name, method, params):
        # Calls from cron, the shell or a command have no request and are nobody else's.
        if http.request:
            # JSON may bring an object; Odoo unpacks it like a list, that is to its keys. Check what Odoo will use.
            params = list(params)
            if not may_call(service_name, method, params):
                _logger.info("tenantry_guard: refused %.32r %.32r", service_name, method)
                # Before anything is opened or looked up: existing and unknown databases get the same answer as fast.
                raise AccessDenied()
        return dispatch_rpc(service_name, method, params)

    return guarded_dispatch_rpc


def post_load():
    """Called by Odoo when it loads this server-wide module."""
    original = getattr(http, "dispatch_rpc", None)
    if not callable(original) or not callable(getattr(http, "db_filter", None)):
        # Odoo logs an Exception here and goes on serving, unguarded. SystemExit ends it.
        raise SystemExit("tenantry_guard: this Odoo has no http.dispatch_rpc to guard; it must not serve tenants")
    # Modules loaded before this one (base or rpc, web) hold the original as their own global (`from odoo.http import
    # dispatch_rpc`); those loaded later get the wrapper.
    enter.replace_everywhere(original, guarded(original))
    enter.install()
    if not header_is_obeyed():
        _logger.warning(
            "tenantry_guard: X-Odoo-dbfilter is not obeyed (it needs proxy_mode and dbfilter_from_header);"
            " with more than one database every remote procedure call is refused"
        )
    _logger.info("tenantry_guard: remote procedure calls obey the database filter")
    closed.install()
