# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
"""Entering without a password, once, by a link that Tenantry gave out.

The node writes the SHA-256 of a link's token into the tenant's own database, in the table `tenantry.entry`, which is
the node's: Odoo's role may read it and say that an entry was used, and nothing else. The token stands behind the # of
the link, so that no server sees it in an address; the page below takes it from there and posts it.

Whoever enters as support is a user of its own, made when first needed and never given a password. Their session names
its entry, and every request of it asks whether the entry still stands: it ends in all workers at once.
"""

import base64
import functools
import hashlib
import html
import logging
import re
import sys

from odoo import SUPERUSER_ID, http
from odoo.exceptions import AccessDenied
from odoo.http import request
from odoo.tools.misc import consteq

_logger = logging.getLogger(__name__)

# What a session keeps: the entry that it was made by.
ENTRY = "tenantry_entry"
# The login of the support user. Nobody can log in with it: see refuse_support.
SUPPORT_LOGIN = "tenantry-support"
TOKEN = re.compile(r"^[0-9a-f]{64}$")

TEXTS = {
    "es": {
        "title": "Entrar",
        "wait": "Entrando…",
        "noscript": "Esta página necesita JavaScript.",
        "empty": "Al enlace le falta una parte. Pida otro en el panel.",
        "over": "Este enlace ya se usó o ya no vale. Pida otro en el panel.",
    },
    "en": {
        "title": "Enter",
        "wait": "Entering…",
        "noscript": "This page needs JavaScript.",
        "empty": "Part of the link is missing. Ask for another one in the panel.",
        "over": "This link was used before or is over. Ask for another one in the panel.",
    },
}

# Reads the token, takes it out of the address and its history, and posts it.
SCRIPT = (
    "const token=location.hash.slice(1);"
    "history.replaceState(null,'',location.pathname);"
    "const form=document.forms[0];"
    "if(/^[0-9a-f]{64}$/.test(token)){form.token.value=token;form.submit();}"
    "else{document.getElementById('text').textContent=form.dataset.empty;}"
)
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem;text-align:center;"
    "color:#1f2933;background:#f7f8fa}"
)


def digest(text):
    """The hash by which a Content-Security-Policy lets exactly this text run."""
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


POLICY = (
    "default-src 'none'; script-src %s; style-src %s; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    % (digest(SCRIPT), digest(STYLE))
)


def page(status, text, form=""):
    words = words_for_visitor()
    body = (
        "<!DOCTYPE html><html lang='%s'><head><meta charset='utf-8'><title>%s</title>"
        "<meta name='viewport' content='width=device-width'><meta name='robots' content='noindex'>"
        "<style>%s</style></head><body><p id='text' role='status'>%s</p>%s</body></html>"
    ) % (language_of_visitor(), html.escape(words["title"]), STYLE, html.escape(text), form)
    response = request.make_response(
        body,
        headers=[
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", POLICY),
        ],
    )
    response.status_code = status
    return response


def language_of_visitor():
    return request.httprequest.accept_languages.best_match(["es", "en"], "es")


def words_for_visitor():
    return TEXTS[language_of_visitor()]


def has_entries(cr):
    cr.execute("SELECT to_regclass('tenantry.entry') IS NOT NULL")
    return cr.fetchone()[0]


def use_entry(cr, token):
    """Uses an entry up; nothing when there is none. A second request waits for the first, and then finds it used."""
    if not TOKEN.match(token or "") or not has_entries(cr):
        return None
    # The hash stands in no statement: those that fail, as a second one at once does, are logged with their text.
    cr.execute(
        "SELECT id::text, encode(token_hash, 'hex') FROM tenantry.entry"
        " WHERE used_at IS NULL AND ended_at IS NULL AND expires_at > now()"
        " AND (ends_at IS NULL OR ends_at > now()) AND database = current_database()"
    )
    wanted = hashlib.sha256(token.encode()).hexdigest()
    found = [entry for entry, known in cr.fetchall() if consteq(known, wanted)]
    if not found:
        return None
    cr.execute(
        "UPDATE tenantry.entry SET used_at = now() WHERE id::text = %s AND used_at IS NULL AND ended_at IS NULL"
        " RETURNING id::text, purpose, display_name",
        found,
        log_exceptions=False,
    )
    return cr.fetchone()


def stands(cr, entry, uid):
    """Whether the entry of a support session still stands, for this user and in this database."""
    if not has_entries(cr):
        return False
    cr.execute(
        "SELECT EXISTS (SELECT FROM tenantry.entry WHERE id::text = %s AND purpose = 'support' AND user_id = %s"
        " AND used_at IS NOT NULL AND ended_at IS NULL AND ends_at > now() AND database = current_database())",
        [entry, uid],
    )
    return cr.fetchone()[0]


def groups_field(users):
    """Odoo 19 has another name for it."""
    return "group_ids" if "group_ids" in users._fields else "groups_id"


def support_user(env, administrator, name):
    """The support user, with the administrator's rights and companies as they are now, and with no password."""
    quiet = {
        "active_test": False,
        "no_reset_password": True,
        "mail_create_nolog": True,
        "mail_create_nosubscribe": True,
        "mail_notrack": True,
        "tracking_disable": True,
    }
    users = env["res.users"].with_context(**quiet)
    groups = groups_field(users)
    values = {
        "name": name,
        "active": True,
        groups: [(6, 0, administrator[groups].ids)],
        "company_ids": [(6, 0, administrator.company_ids.ids)],
        "company_id": administrator.company_id.id,
    }
    user = users.search([("login", "=", SUPPORT_LOGIN)], limit=1)
    if not user:
        values.update(login=SUPPORT_LOGIN, lang=administrator.lang, tz=administrator.tz)
        return users.create(values)
    changed = {field: value for field, value in values.items() if field in ("name", "active") and user[field] != value}
    for field in (groups, "company_ids"):
        if set(user[field].ids) != set(administrator[field].ids):
            changed[field] = values[field]
    if user.company_id != administrator.company_id:
        changed["company_id"] = values["company_id"]
    if changed.get("active"):
        user.partner_id.write({"active": True})
    if changed:
        user.write(changed)
    return user


def begin_session(user, entry):
    """Makes the session as Odoo does after a log-in: under a new number, with the token of the user's credentials."""
    session = request.session
    session.logout(keep_db=True)
    session.db = request.db
    session["pre_login"] = user.login
    session["pre_uid"] = user.id
    session.finalize(request.env)
    if entry:
        session[ENTRY] = entry
    request.update_env(user=user.id)
    user.with_user(user.id)._update_last_login()


class Enter(http.Controller):
    @http.route("/tenantry/enter", type="http", auth="none", methods=["GET"], csrf=False, sitemap=False)
    def show(self, **_kw):
        words = words_for_visitor()
        form = (
            "<form method='post' action='/tenantry/enter' data-empty='%s'><input type='hidden' name='token'></form>"
            "<noscript><p>%s</p></noscript><script>%s</script>"
        ) % (html.escape(words["empty"], quote=True), html.escape(words["noscript"]), SCRIPT)
        return page(200, words["wait"], form)

    # The token is the credential, and no page but the one above posts it.
    @http.route("/tenantry/enter", type="http", auth="none", methods=["POST"], csrf=False, sitemap=False)
    def enter(self, token=None, **_kw):
        over = words_for_visitor()["over"]
        if request.httprequest.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return page(403, over)
        if not request.db:
            return page(410, over)
        request.update_env(user=SUPERUSER_ID)
        env = request.env
        found = use_entry(env.cr, token)
        administrator = env.ref("base.user_admin", raise_if_not_found=False)
        if not found or not administrator or not administrator.active:
            return page(410, over)
        entry, purpose, name = found
        if purpose == "support":
            user = support_user(env, administrator, name)
            env.flush_all()
            env.cr.execute("UPDATE res_users SET password = NULL WHERE id = %s AND password IS NOT NULL", [user.id])
            env.cr.execute("UPDATE tenantry.entry SET user_id = %s WHERE id::text = %s", [user.id, entry])
            env.registry.clear_cache()
            begin_session(user, entry)
        else:
            user = administrator
            begin_session(user, None)
        _logger.info("tenantry_guard: entry %s (%s) became a session of user %s", entry, purpose, user.id)
        return request.redirect("/web", 303)


def checked(check_session):
    """A session of an entry that is over is no session; nor is one of the support user without an entry."""

    @functools.wraps(check_session)
    def check(session, env, *args, **kwargs):
        entry = session.get(ENTRY)
        if entry is not None:
            if not stands(env.cr, entry, session.uid):
                return False
        elif session.get("login") == SUPPORT_LOGIN:
            return False
        return check_session(session, env, *args, **kwargs)

    return check


def refuse_support(check_credentials):
    """Whatever password or key somebody gave the support user: it opens nothing."""

    @functools.wraps(check_credentials)
    def check(self, *args, **kwargs):
        cr = self.env.cr
        if self.env.user.login == SUPPORT_LOGIN:
            raise AccessDenied()
        if has_entries(cr):
            cr.execute(
                "SELECT EXISTS (SELECT FROM tenantry.entry WHERE purpose = 'support' AND user_id = %s)", [self.env.uid]
            )
            if cr.fetchone()[0]:
                raise AccessDenied()
        return check_credentials(self, *args, **kwargs)

    return check


def replace_everywhere(original, wrapper):
    """Modules that were loaded before hold the original as a global of their own."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if not isinstance(names, dict):
            continue
        for name, value in list(names.items()):
            if value is original:
                setattr(module, name, wrapper)


def install():
    """Called when Odoo loads the add-on. An Odoo that cannot be guarded must not serve."""
    from odoo.addons.base.models import res_users
    from odoo.service import security

    # Odoo 17 and 18 call the class Users, 19 ResUsers.
    users = getattr(res_users, "ResUsers", None) or getattr(res_users, "Users", None)
    if not callable(getattr(security, "check_session", None)) or not hasattr(users, "_check_credentials"):
        raise SystemExit("tenantry_guard: this Odoo has no check_session to guard; it must not serve tenants")
    replace_everywhere(security.check_session, checked(security.check_session))
    users._check_credentials = refuse_support(users._check_credentials)
