"""The parts of Garmin's answers that we read; pictures and roles of people are none of them."""

from __future__ import annotations

from msgspec import field

from src.connectors.rest.decoding import Fragment


class UserId(Fragment, rename="camel"):
    """Who has registered with the app of the Developer Program."""

    user_id: str


class Permissions(Fragment):
    """What a user has switched on, in one of the two forms that are answered."""

    permissions: list[str]


class SocialProfile(Fragment, rename="camel"):
    """Whose account it is; ``id`` is another number than ``profileId``."""

    profile_id: int
    display_name: str | None = None
    full_name: str | None = None
    user_name: str | None = None


class ActivityType(Fragment, rename="camel"):
    """What kind of activity."""

    type_key: str | None = None


class Summary(Fragment, rename="camel"):
    """The figures of an activity: times are without zone in lists, ISO 8601 in a single one."""

    start_time_local: str | None = None
    start_time_gmt: str | None = field(name="startTimeGMT", default=None)
    distance: float | None = None
    duration: float | None = None
    elapsed_duration: float | None = None
    moving_duration: float | None = None
    elevation_gain: float | None = None
    elevation_loss: float | None = None
    average_speed: float | None = None
    max_speed: float | None = None
    calories: float | None = None
    average_heart_rate: float | None = field(name="averageHR", default=None)
    max_heart_rate: float | None = field(name="maxHR", default=None)
    steps: int | None = None


class Activity(Summary, kw_only=True, rename="camel"):
    """A row of the list of activities: the figures stand in it."""

    activity_id: int
    activity_name: str | None = None
    description: str | None = None
    activity_type: ActivityType | None = None
    owner_id: int | None = None
    owner_full_name: str | None = None
    owner_display_name: str | None = None
    location_name: str | None = None


class TimeZone(Fragment, rename="camel"):
    """Where an activity began."""

    time_zone: str | None = None


class Metadata(Fragment, rename="camel"):
    """What is known of an activity beside its figures."""

    last_update_date: str | None = None
    child_ids: list[int] | None = None


class ActivityDetail(Fragment, rename="camel"):
    """A single activity: its parts carry the suffix DTO."""

    activity_id: int
    activity_name: str | None = None
    description: str | None = None
    user_profile_id: int | None = None
    is_multi_sport_parent: bool = False
    activity_type: ActivityType | None = field(name="activityTypeDTO", default=None)
    time_zone_unit: TimeZone | None = field(name="timeZoneUnitDTO", default=None)
    metadata: Metadata | None = field(name="metadataDTO", default=None)
    summary: Summary | None = field(name="summaryDTO", default=None)
    location_name: str | None = None


class StepsOfDay(Fragment, rename="camel"):
    """A row of the range of days."""

    calendar_date: str
    total_steps: int | None = None
    total_distance: float | None = None
    step_goal: int | None = None


class DailySummary(Fragment, rename="camel"):
    """Everything about one day."""

    calendar_date: str
    total_steps: int | None = None
    total_distance_meters: float | None = None
    daily_step_goal: int | None = None
    total_kilocalories: float | None = None
    active_kilocalories: float | None = None
    min_heart_rate: float | None = None
    max_heart_rate: float | None = None
    resting_heart_rate: float | None = None
    privacy_protected: bool | None = None


class Device(Fragment, rename="camel"):
    """A registered device; its fields are read as clients have seen them."""

    device_id: int | str
    display_name: str | None = None
    product_display_name: str | None = None
    serial_number: int | str | None = None
    current_firmware_version: str | None = None


class Gear(Fragment, rename="camel"):
    """Shoes, a bicycle; distances are metres."""

    uuid: str
    gear_make_name: str | None = None
    gear_model_name: str | None = None
    gear_type_name: str | None = None
    gear_status_name: str | None = None
    display_name: str | None = None
    custom_make_model: str | None = None
    date_begin: str | None = None
    date_end: str | None = None
    maximum_meters: float | None = None
    create_date: str | None = None
    update_date: str | None = None


class GearStats(Fragment, rename="camel"):
    """How far a gear has come."""

    total_distance: float | None = None
    total_activities: int | None = None


class Pinged(Fragment, rename="camel"):
    """An entry of what Garmin tells an app: where data is, or the data itself."""

    user_id: str
    callback_url: str | None = field(name="callbackURL", default=None)
    summary_id: str | None = None
    permissions: list[str] | None = None


class PulledActivity(Fragment, rename="camel"):
    """An activity as the Wellness API has it: seconds since 1970, and an offset."""

    summary_id: str
    start_time_in_seconds: int
    activity_id: int | None = None
    activity_name: str | None = None
    activity_type: str | None = None
    start_time_offset_in_seconds: int = 0
    duration_in_seconds: float | None = None
    distance_in_meters: float | None = None
    active_kilocalories: float | None = None
    average_heart_rate: float | None = field(name="averageHeartRateInBeatsPerMinute", default=None)
    max_heart_rate: float | None = field(name="maxHeartRateInBeatsPerMinute", default=None)
    elevation_gain: float | None = field(name="totalElevationGainInMeters", default=None)
    device_name: str | None = None
    manual: bool = False


class PulledDay(Fragment, rename="camel"):
    """A day as the Wellness API has it."""

    summary_id: str
    calendar_date: str
    steps: int | None = None
    distance_in_meters: float | None = None
    active_kilocalories: float | None = None
    min_heart_rate: float | None = field(name="minHeartRateInBeatsPerMinute", default=None)
    max_heart_rate: float | None = field(name="maxHeartRateInBeatsPerMinute", default=None)
    resting_heart_rate: float | None = field(name="restingHeartRateInBeatsPerMinute", default=None)
    steps_goal: int | None = None
