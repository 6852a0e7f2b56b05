# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
{
    "name": "Tenantry guard",
    "summary": "Remote procedure calls obey the database filter; entering by a one-time link",
    "description": "Server-wide: load it by server_wide_modules, install it in no database.",
    # Odoo reads the version as SERIES.x.y or x.y; the short form fits every series.
    "version": "1.1",
    "author": "Tenantry",
    "category": "Tools",
    # Odoo's list of licences has no Apache-2.0.
    "license": "Other OSI approved licence",
    "depends": ["base"],
    "post_load": "post_load",
    "installable": True,
    "auto_install": False,
}
