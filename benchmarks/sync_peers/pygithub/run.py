"""PyGithub's iteration over all issues, reading what ours reads."""

import sys
import time

from github import Auth, Github


def main(url: str) -> None:
    hub = Github(
        base_url=url,
        auth=Auth.Token("a-token"),
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
    )
    count, began = 0, time.perf_counter()
    for issue in hub.get_repo("octo/pool").get_issues(state="all"):
        _ = (issue.title, issue.body, issue.user.login, [label.name for label in issue.labels])
        count += 1
    seconds = time.perf_counter() - began
    sys.stdout.write(f'\n{{"items": {count}, "seconds": {seconds}}}\n')


main(sys.argv[1])
