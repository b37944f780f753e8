"""Everything that the grades ask for, in one table; ``docs/connector-grades.md`` is it in words."""

from __future__ import annotations

from src.connectors.grade import Grade
from src.testing.hostile.report import Rule

_NO_STREAMS = "It has no streams."
_NO_WEBHOOKS = "It has no webhooks."
_NO_REFRESH = "None of its ways to authorize has tokens that are refreshed."

BRONZE = (
    Rule(
        id="complete-manifest",
        grade=Grade.BRONZE,
        proves="The registry takes it, its manifest is whole, and its code leaves to the toolkit"
        " what is the toolkit's.",
        remedy="Do what each finding says; it names the file and the line.",
        checks=(
            "test_the_registry_loads_it_and_the_manifest_is_complete",
            "test_the_code_keeps_to_the_toolkit",
        ),
    ),
    Rule(
        id="stable-account",
        grade=Grade.BRONZE,
        proves="A connection is pinned to one account, by an id that never changes.",
        remedy="Take the account's id from the provider's own number, never from a name.",
        checks=("test_the_account_is_the_same_each_time",),
    ),
    Rule(
        id="whole-listings",
        grade=Grade.BRONZE,
        proves="Every list ends, repeats nothing, and takes as few requests as the provider"
        " allows.",
        remedy="Page with self.rest.page and a paginator of the toolkit; build ids from the"
        " provider's numbers.",
        checks=(
            "test_every_verb_answers_when_nothing_is_wrong",
            "test_every_container_can_be_listed",
            "test_following_pages_ends_and_repeats_nothing",
            "test_browsing_takes_no_more_requests_than_the_provider_needs",
            "test_a_repeated_page_is_an_error",
        ),
    ),
    Rule(
        id="heeded-filters",
        grade=Grade.BRONZE,
        proves="A filter that a caller names is heeded or refused, never ignored.",
        remedy="Hand it to the provider in `params`, or name it in refuse_filters.",
        checks=("test_every_filter_is_heeded_or_refused",),
    ),
    Rule(
        id="named-errors",
        grade=Grade.BRONZE,
        proves="Every usual trouble becomes the error that says what to do, and shows no secret.",
        remedy="Let errors of self.rest pass; what the provider means by a status is said in"
        " Dialect.classify.",
        checks=(
            "test_trouble_has_its_error_and_shows_no_secret",
            "test_a_refused_key_is_not_tried_again",
            "test_what_the_way_to_authorize_does_not_open_is_refused",
            "test_cancellation_closes_the_answer",
        ),
    ),
    Rule(
        id="read-recordings",
        grade=Grade.BRONZE,
        proves="What the provider has really answered, where it was recorded, is still read.",
        remedy="Read what the recording holds; record anew when the provider has changed.",
        checks=("test_recorded_answers_are_still_read",),
    ),
    Rule(
        id="contained-search",
        grade=Grade.BRONZE,
        proves="What a caller types is data: no search leaves the container that it is for.",
        remedy="Quote query.q into the provider's query language.",
        checks=("test_a_search_stays_in_its_container",),
    ),
    Rule(
        id="usable-tools",
        grade=Grade.BRONZE,
        proves="Forms and agents can be built from its tools and pickers, and a change is sent"
        " once.",
        remedy="Describe each tool and argument; let a picker take back what it gave out.",
        checks=("test_resources_can_be_picked", "test_tools_can_be_run"),
    ),
    Rule(
        id="resumable-streams",
        grade=Grade.BRONZE,
        proves="A run gives everything once, goes on where it broke off, and finds what was added,"
        " changed and deleted meanwhile.",
        remedy="Read parts with over_parts, and place each page so that only what lies behind it is"
        " left.",
        without=_NO_STREAMS,
        checks=(
            "test_a_full_run_gives_everything_once",
            "test_a_record_is_fetched_as_it_is_listed",
            "test_a_run_goes_on_after_each_page",
            "test_nothing_is_lost_when_records_go_while_they_are_read",
            "test_an_incremental_run_finds_what_was_added_and_changed",
            "test_deletions_are_found_as_the_manifest_says",
            "test_a_run_that_finds_nothing_new_is_cheap",
            "test_a_container_that_is_gone_is_told_and_the_others_are_read",
            "test_trouble_ends_a_run_and_it_goes_on_later",
            "test_a_run_that_is_given_up_leaves_nothing_behind",
        ),
    ),
    Rule(
        id="readable-deliveries",
        grade=Grade.BRONZE,
        proves="Whatever comes to its webhooks is read, or refused as unreadable.",
        remedy="Decode the body to a fragment with `decode`.",
        without=_NO_WEBHOOKS,
        checks=("test_any_delivery_is_read_or_refused",),
    ),
)

SILVER = (
    Rule(
        id="bounded-waits",
        grade=Grade.SILVER,
        proves="However absurd the wait that a provider asks for, callers are told one between none"
        " and a day, by the provider's own clock.",
        remedy="Leave the reading of Retry-After to the toolkit: a Refusal(Verdict.LIMITED) of"
        " classify must not compute it.",
    ),
    Rule(
        id="patient-storms",
        grade=Grade.SILVER,
        proves="A short storm of 429 is waited out, a long one is told, and neither makes more"
        " requests than it must.",
        remedy="Call the provider through self.rest only, and never in a loop of your own.",
    ),
    Rule(
        id="named-nonsense",
        grade=Grade.SILVER,
        proves="Pages of a proxy and wrong labels become an outage or an unreadable answer, never a"
        " refused credential.",
        remedy="Let classify look at the body only where it is the provider's JSON, and answer None"
        " for everything else.",
    ),
    Rule(
        id="bounded-answers",
        grade=Grade.SILVER,
        proves="An answer that is huge once it is unpacked is not read to its end.",
        remedy="Read answers through self.rest, which stops at its limit.",
    ),
    Rule(
        id="no-strangers",
        grade=Grade.SILVER,
        proves="No redirect makes it call another host, or call for ever.",
        remedy="Call the provider through self.rest only; it follows a few redirects, to the same"
        " host.",
    ),
    Rule(
        id="bounded-paging",
        grade=Grade.SILVER,
        proves="Pages that repeat, or lead on for ever by new tokens, end after a known number.",
        remedy="Page with self.rest.page, or end a loop of your own by `walk` and `chain` of"
        " connectors.rest.paginators.",
        without="It lists nothing.",
    ),
    Rule(
        id="kept-secrets",
        grade=Grade.SILVER,
        proves="In all of this, no error and no line of a log holds the credential.",
        remedy="Never put request headers, or a provider's answer, into messages, details or logs.",
    ),
)

GOLD = (
    Rule(
        id="whole-runs",
        grade=Grade.GOLD,
        proves="Whatever breaks a run off in its middle, nothing is lost to the one that goes on,"
        " and nothing is made up.",
        remedy="Give a page only when all of it has come, and let the error pass.",
        without=_NO_STREAMS,
    ),
    Rule(
        id="single-writes",
        grade=Grade.GOLD,
        proves="A change whose answer is lost or late is told as an outage and never sent again.",
        remedy="Send changes by self.rest.write or self.rest.change, once, and let the error pass;"
        " say read_only of a tool that changes nothing.",
        without="It changes nothing at the provider.",
    ),
    Rule(
        id="calm-webhooks",
        grade=Grade.GOLD,
        proves="Webhooks are proved as the manifest says, end when they are ended, and leave the"
        " records as the provider has them, though they come twice, or the newest first.",
        remedy="Read from a delivery which records changed, never what they hold, and name the"
        " header that is the same when it comes again in WebhookSpec.delivery_id.",
        without=_NO_WEBHOOKS,
    ),
    Rule(
        id="lasting-grants",
        grade=Grade.GOLD,
        proves="No trouble of the token address is taken for the end of a grant, and the end of one"
        " for nothing else.",
        remedy="Let OAuth2Spec.refusals name a GRANT by the provider's own word for it only.",
        without=_NO_REFRESH,
    ),
    Rule(
        id="lost-tokens",
        grade=Grade.GOLD,
        proves="A refresh whose answer is lost or late costs the connection only where the provider"
        " leaves no second chance, and the manifest says so.",
        remedy="Let OAuth2Spec say what the provider does: `rotates`, and its `reuse_window`.",
        without=_NO_REFRESH,
    ),
    Rule(
        id="honest-clocks",
        grade=Grade.GOLD,
        proves="A provider whose clock is an hour off changes nothing about when tokens are"
        " refreshed.",
        remedy="Prefer Expiry.EXPIRES_IN, and never compare moments of the provider's in a hook.",
        without=_NO_REFRESH,
    ),
)

RULES: tuple[Rule, ...] = (*BRONZE, *SILVER, *GOLD)


def rule(rule_id: str) -> Rule:
    """The rule with this id."""
    return next(one for one in RULES if one.id == rule_id)
