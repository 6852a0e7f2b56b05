# Copyright The Tenantry authors
# SPDX-License-Identifier: Apache-2.0
from .guard import post_load
