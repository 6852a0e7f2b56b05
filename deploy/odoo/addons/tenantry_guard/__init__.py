# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
from . import enter
from .guard import post_load
