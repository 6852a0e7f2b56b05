# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
"""A database that was closed while a request waited costs nobody the session.

The edge refuses whoever comes after a tenant is closed. A request that passed it before, and waits for a worker or is
being served, meets a database that Odoo's role may not open any more. Odoo then takes the database for gone: it logs
the session out, writes that down and leads the visitor to its database selector, so that nobody would be inside any
more when the tenant is opened again.

With X-Odoo-dbfilter a request is one tenant's, and there is nothing to serve it without that tenant's database. It is
answered "not now", before the session is touched.
"""

import functools
import logging

import psycopg2
from odoo import http
from werkzeug.wrappers import Response

_logger = logging.getLogger(__name__)

# Seconds after which the visitor may ask again; by then the edge answers for a closed tenant.
RETRY_AFTER = "5"
TEXT = "Not available now. No disponible en este momento.\n"
# The session with PostgreSQL was ended from outside: by the administrator (that is Tenantry), in a shutdown, a crash.
ENDED = {"57P01", "57P02", "57P03"}


def is_one_tenant_s(request):
    return bool(request.httprequest.environ.get("HTTP_X_ODOO_DBFILTER"))


def lost_its_database(error):
    """Whether serving failed because the database was closed, and not for a reason of its own."""
    unusable = getattr(http, "RegistryError", None)
    if unusable and isinstance(error, unusable):
        return True
    if isinstance(error, psycopg2.InterfaceError):
        return True
    # Without a code: there was no connection, or it broke.
    return isinstance(error, psycopg2.OperationalError) and (error.pgcode is None or error.pgcode in ENDED)


def not_now(request):
    # Neither what a failure did to it, nor that it was seen, is written down, and the visitor's cookie stays.
    request.session.can_save = False
    _logger.info("tenantry_guard: the database is closed; the session is left as it is")
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
    return Response(TEXT, status=503, headers=headers, content_type="text/plain; charset=utf-8")


def patient_with_database(serve_db):
    @functools.wraps(serve_db)
    def serve(self):
        try:
            return serve_db(self)
        except Exception as error:
            if is_one_tenant_s(self) and lost_its_database(error):
                return not_now(self)
            raise

    return serve


def patient_without_database(serve_nodb):
    @functools.wraps(serve_nodb)
    def serve(self):
        # No database passes the filter: it is closed already. Odoo's own pages for that are its database manager's.
        return not_now(self) if is_one_tenant_s(self) else serve_nodb(self)

    return serve


def install():
    """Wraps Odoo's two ways of serving a request."""
    http.Request._serve_db = patient_with_database(http.Request._serve_db)
    http.Request._serve_nodb = patient_without_database(http.Request._serve_nodb)
