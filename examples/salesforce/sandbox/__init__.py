"""An imitation Salesforce: two orgs, each at a host of its own, and the host where people log in.

`TOKEN` is Ada's at Acme, `OTHER_TOKEN` Gil's at Globex, `NARROW_TOKEN` Ada's without the scope
`api`. A token works at the host of its own org, and at no other. Switches: those of the kit, and
below `/_sandbox` `PUT /instance-url` (what token answers say from now on), `DELETE /cursors` and
`PUT /log-begins`.
"""

from .app import create_app
from .callers import NARROW_TOKEN, OTHER_TOKEN, TOKEN

__all__ = ["NARROW_TOKEN", "OTHER_TOKEN", "TOKEN", "create_app"]
